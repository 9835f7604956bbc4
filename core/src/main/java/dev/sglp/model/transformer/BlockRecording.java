package dev.sglp.model.transformer;

import dev.sglp.model.Recording;
import dev.sglp.model.transformer.mixer.Attention;
import dev.sglp.model.transformer.mixer.AttentionRecording;
import dev.sglp.model.transformer.mixer.Mlp;
import dev.sglp.model.transformer.mixer.MlpRecording;
import dev.sglp.model.transformer.norm.RmsNorm;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;

/// A block of the Llama kind and its derivative by hand: what autograd would do, with fewer passes over the activations and less
/// kept of them.
///
/// @param x `[B, T, D]`, the caller's, alive as long as this
record BlockRecording(Tensor x, AttentionRecording first, MlpRecording second) implements Recording {
    /// Runs the block forward; empty where its derivative is not known by hand, or longer texts make more scores than may exist at once,
    /// which autograd never holds.
    static Optional<BlockRecording> of(Block block, Tensor x) {
        var parts = block.sublayers();
        boolean plain = block.order() == Block.Order.SEQUENTIAL && parts.size() == 2
                && parts.stream().allMatch(s -> s.plain() && s.scale() == 1);
        if (plain && parts.getFirst() instanceof Sublayer(RmsNorm before, Attention attention, _, _, _)
                && parts.getLast() instanceof Sublayer(RmsNorm between, Mlp mlp, _, _, _)
                && attention.byHand(x) && MlpRecording.knows(mlp)) {
            var first = AttentionRecording.of(before, attention, x);
            return Optional.of(new BlockRecording(x, first, MlpRecording.of(between, mlp, first.y())));
        }
        return Optional.empty();
    }

    @Override
    public Tensor output() { // [B, T, D]
        return second.y();
    }

    @Override
    public Products backward(Tensor vector, boolean weights, boolean input) {
        var late = second.backward(vector.reshape(-1, vector.size(-1)), weights);
        var early = first.backward(late.input(), weights);
        return new Products(
                Stream.of(early.own(), late.own(), early.norm(), late.norm()).flatMap(List::stream).toList(),
                input ? early.input().view(x.shape()) : null);
    }

    @Override
    public void free() {
        first.free();
        second.free();
    }
}
