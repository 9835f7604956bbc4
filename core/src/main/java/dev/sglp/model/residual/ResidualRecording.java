package dev.sglp.model.residual;

import dev.sglp.model.Pass;
import dev.sglp.model.Recording;
import java.util.Objects;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;

/// `relu(bn2(conv2(relu(bn1(conv1(x))))) + shortcut(x))` and its derivative by hand: what autograd would do with fewer passes
/// over the activations.
public final class ResidualRecording implements Recording {
    /// The two convolutions of a block with their norms.
    public record Branch(Convolution conv1, BatchNorm norm1, Convolution conv2, BatchNorm norm2) {}

    private final Shortcut shortcut;
    private final ConvolutionUnit first;
    private final ConvolutionUnit second;

    /// Runs the block forward.
    ///
    /// @param x `[B, C, H, W]`, the caller's, alive as long as this
    public ResidualRecording(Branch branch, Shortcut shortcut, Tensor x, Pass pass) {
        this.shortcut = shortcut;
        first = ConvolutionUnit.of(branch.conv1, branch.norm1, x, pass);
        first.output().relu_();
        second = ConvolutionUnit.of(branch.conv2, branch.norm2, first.output(), pass);
        second.output().add_(shortcut.forward(x)).relu_();
    }

    @Override
    public Tensor output() {
        return second.output();
    }

    @Override
    public Products backward(Tensor vector, boolean weights, boolean input) {
        var g = ConvolutionUnit.rectified(vector, second.output());
        var late = second.backward(g, weights, true);
        var h = ConvolutionUnit.rectified(Objects.requireNonNull(late.input()), first.output());
        var early = first.backward(h, weights, input);
        return new Products(Stream.concat(early.weights().stream(), late.weights().stream()).toList(),
                early.input() == null ? null : shortcut.addTo(early.input(), g));
    }

    @Override
    public void free() {
        first.free();
        second.free();
    }
}
