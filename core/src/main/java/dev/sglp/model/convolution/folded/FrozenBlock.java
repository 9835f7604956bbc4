package dev.sglp.model.convolution.folded;

import dev.sglp.model.Part;
import dev.sglp.model.Pass;
import dev.sglp.model.convolution.Block;
import dev.sglp.model.convolution.folded.FrozenChain.Folded;
import dev.sglp.model.convolution.folded.FrozenChain.FrozenStep;
import dev.sglp.model.convolution.Shortcut;
import dev.sglp.model.convolution.step.Activation;
import dev.sglp.model.convolution.step.Chain;
import java.util.List;
import java.util.SequencedMap;
import org.bytedeco.pytorch.Tensor;

/// A block with the norms folded into the convolutions; in the place of `x` where the shortcut is the identity.
///
/// @param shared     what comes before shortcut and branch
/// @param early      the branch up to its last step
/// @param projection the shortcut's own steps
public record FrozenBlock(FrozenChain shared, FrozenChain early, FrozenStep last, Shortcut shortcut,
        FrozenChain projection,
        Activation after) implements Part {
    public static FrozenBlock of(Block block) {
        int behind = block.shortcut().behind();
        List<FrozenStep> steps = FrozenChain.of(block.branch().from(behind)).steps();
        return new FrozenBlock(FrozenChain.of(block.branch().first(behind)),
                new FrozenChain(steps.subList(0, steps.size() - 1)), steps.getLast(), block.shortcut(),
                FrozenChain.of(block.shortcut().chain()), block.after());
    }

    @Override
    public Tensor forward(Tensor input, Pass pass) {
        var x = shared.of(input);
        var h = early.of(x);
        if (shortcut instanceof Shortcut.None) {
            return rectifies() ? ending().rectified(h) : after.overwriting(last.of(h), pass);
        }
        var around = projection.steps().isEmpty() ? shortcut.around(x, pass) : projection.of(x);
        return rectifies()
                ? ending().addedAndRectified(h, around)
                : after.overwriting(last.of(h).add_(around), pass);
    }

    /// Whether the last convolution can do what comes after it.
    private boolean rectifies() {
        return after == Activation.RELU && last instanceof Folded folded && folded.after() == Activation.NONE;
    }

    private FoldedConvolution ending() {
        return ((Folded) last).convolution();
    }

    @Override
    public SequencedMap<String, Tensor> parameters() {
        return Chain.NONE.parameters();
    }
}
