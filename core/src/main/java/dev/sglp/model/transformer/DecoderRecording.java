package dev.sglp.model.transformer;

import dev.sglp.model.Recording;
import dev.sglp.tensor.Gradient;
import java.util.List;
import java.util.stream.Stream;
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
    public Products backward(Tensor vector, boolean weights, boolean input) {
        var late = second.backward(vector.reshape(-1, vector.size(-1)), weights);
        var early = first.backward(late.input, weights);
        return new Products(Stream.of(early.own, late.own, early.norm, late.norm).flatMap(List::stream).toList(),
                input ? early.input.view(x.shape()) : null);
    }

    /// Gradients of one half of the layer.
    ///
    /// @param input of its input, `[n, D]`
    /// @param own   of the attention's or the MLP's parameters in their order; none where not wanted
    /// @param norm  of the weight of the norm before it; none where not wanted
    record Half(Tensor input, List<Gradient> own, List<Gradient> norm) {}

    @Override
    public void free() {
        first.free();
        second.free();
    }
}
