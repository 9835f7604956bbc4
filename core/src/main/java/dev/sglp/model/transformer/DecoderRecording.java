package dev.sglp.model.transformer;

import dev.sglp.model.Recording;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/// A decoder layer and its derivative by hand: what autograd would do, with fewer passes over the activations and less kept of
/// them.
final class DecoderRecording implements Recording {
    private final Tensor x;
    private final AttentionRecording first;
    private final MlpRecording second;

    /// Runs the layer forward.
    ///
    /// @param x `[B, T, D]`, the caller's, alive as long as this
    DecoderRecording(DecoderLayer layer, Tensor x) {
        this.x = x;
        first = AttentionRecording.of(layer.first(), layer.attention(), x);
        second = MlpRecording.of(layer.second(), layer.mlp(), first.y());
    }

    @Override
    public Tensor output() { // [B, T, D]
        return second.y();
    }

    @Override
    public Tensor[] backward(Tensor vector, boolean weights, boolean input) {
        var dx = vector.reshape(-1, vector.size(-1)); // [n, D]
        var mlp = second.backward(dx, weights);
        var attention = first.backward(dx, weights);
        var all = new ArrayList<Tensor>();
        if (weights) {
            all.addAll(attention.subList(0, attention.size() - 1));
            all.addAll(mlp.subList(0, mlp.size() - 1));
            all.addAll(List.of(attention.getLast(), mlp.getLast()));
        }
        if (input) {
            all.add(dx.view(x.shape()));
        }
        return all.toArray(Tensor[]::new);
    }

    @Override
    public void free() {
        first.free();
        second.free();
    }
}
