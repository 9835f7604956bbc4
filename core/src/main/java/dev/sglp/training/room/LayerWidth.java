package dev.sglp.training.room;

import dev.sglp.model.Layer;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.Pass;
import dev.sglp.model.Recording;
import dev.sglp.tensor.Autograd;
import dev.sglp.tensor.Scope;
import java.util.function.ToLongFunction;
import org.bytedeco.pytorch.Tensor;

/// How many numbers the way back needs of each token, told from a layer's matrices.
///
/// @param byHand whether layers know their own derivative; else autograd keeps what it asks for
/// @param stream numbers that go from layer to layer
record LayerWidth(boolean byHand, long stream) {
    private static final int BY_HAND = 3; // streams beside what each map gives: two norms' outputs, and what attention mixed
    private static final int BY_AUTOGRAD = 6; // and norms, angles, sums on the way
    private static final int AT_A_TIME = 4; // of the widest map's output, on the way back

    /// @param tokens of a pass, `[B, T]`
    static LayerWidth of(LayeredModel model, Tensor tokens) {
        return Autograd.recording(false, () -> {
            try (var _ = Scope.open()) {
                var x = model.stem().forward(tokens, Pass.evaluation());
                var own = model.layers().getFirst().recorded(x, Pass.evaluation());
                own.ifPresent(Recording::free);
                return new LayerWidth(own.isPresent(), x.size(-1));
            }
        });
    }

    /// By hand what each map gives is kept, by autograd what it is given too. Of experts those count that are asked.
    long kept(Layer layer) {
        long maps = byHand ? sum(layer, m -> m.size(0)) : sum(layer, m -> m.numel() / m.size(-1) + m.size(-1));
        long numbers = sum(layer, Tensor::numel);
        double asked = layer.macs() == 0 ? 1 : Math.min(1, (double) layer.macs() / Math.max(1, numbers));
        return (long) (asked * maps) + (byHand ? BY_HAND : BY_AUTOGRAD) * stream;
    }

    /// What a layer makes on its way back, besides.
    long scratch(Layer layer) {
        return AT_A_TIME * layer.parameters().values().stream().filter(m -> m.dim() == 2).mapToLong(m -> m.size(0))
                .max().orElse(0);
    }

    private static long sum(Layer layer, ToLongFunction<Tensor> of) {
        return layer.parameters().values().stream().filter(m -> m.dim() >= 2).mapToLong(of).sum();
    }
}
