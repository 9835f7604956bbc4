package dev.sglp.model.residual;

import dev.sglp.model.BatchNorm;
import dev.sglp.model.Convolution;
import dev.sglp.model.Pass;
import dev.sglp.model.Recording;
import dev.sglp.tensor.Scope;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.MemoryFormat;

/// `relu(bn2(conv2(relu(bn1(conv1(x))))) + x)` and its derivative by hand: what autograd would do with fewer passes over the
/// activations.
public final class ResidualRecording implements Recording {
    /// A residual block that keeps the shape.
    public record Branch(Convolution conv1, BatchNorm norm1, Convolution conv2, BatchNorm norm2) {}

    private final Branch branch;
    private final Tensor x;
    private final Tensor first; // conv1(x)
    private final NormalisedBatch hidden; // relu(bn1(first))
    private final Tensor second; // conv2(hidden)
    private final NormalisedBatch result; // relu(bn2(second) + x)

    /// Runs the block forward.
    ///
    /// @param x `[B, C, H, W]`, the caller's, alive as long as this
    public ResidualRecording(Branch branch, Tensor x, Pass pass) {
        this.branch = branch;
        this.x = x;
        first = branch.conv1.forward(x);
        hidden = NormalisedBatch.of(branch.norm1, first, pass);
        hidden.output().relu_();
        second = branch.conv2.forward(hidden.output());
        result = NormalisedBatch.of(branch.norm2, second, pass);
        result.output().add_(x).relu_();
        kept().forEach(Scope::own);
    }

    private List<Tensor> kept() {
        return List.of(first, hidden.output(), hidden.mean(), hidden.deviation(), second, result.output(),
                result.mean(),
                result.deviation());
    }

    @Override
    public Tensor output() {
        return result.output();
    }

    @Override
    public Tensor[] backward(Tensor vector, boolean weights, boolean input) {
        var g = rectified(vector, result.output());
        var bn2 = result.backward(branch.norm2, second, g, weights);
        var conv2 = branch.conv2.backward(hidden.output(), bn2[0], weights, true);
        var h = rectified(conv2[0], hidden.output());
        var bn1 = hidden.backward(branch.norm1, first, h, weights);
        var conv1 = branch.conv1.backward(x, bn1[0], weights, input);
        if (!weights) {
            return input ? new Tensor[]{conv1[0].add_(g)} : new Tensor[0];
        }
        return input
                ? new Tensor[]{conv1[1], bn1[1], bn1[2], conv2[1], bn2[1], bn2[2], conv1[0].add_(g)}
                : new Tensor[]{conv1[1], bn1[1], bn1[2], conv2[1], bn2[1], bn2[2]};
    }

    /// Zero where the rectifier gave zero; in place.
    private static Tensor rectified(Tensor vector, Tensor output) {
        var g = vector.contiguous(MemoryFormat.ChannelsLast);
        torch.threshold_backward_out(g, g, output, new Scalar(0.0));
        return g;
    }

    @Override
    public void free() {
        kept().forEach(Scope::free);
    }
}
