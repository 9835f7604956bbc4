package dev.sglp.model.residual;

import dev.sglp.model.Layer;
import dev.sglp.model.Pass;
import dev.sglp.model.repair.LastMap;
import java.util.Optional;
import java.util.function.BiFunction;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/// A residual block, `relu(bn(conv(inner(x))) + shortcut(x))`, ends in its last convolution with the norm folded into it.
///
/// @param inside      what the last convolution multiplies
/// @param convolution the last
/// @param norm        of the last convolution
/// @param rebuilt     the same block with another last convolution and norm
public record ResidualEnd(BiFunction<Tensor, Pass, Tensor> inside, Convolution convolution, BatchNorm norm,
        Shortcut shortcut, BiFunction<Convolution, BatchNorm, Layer> rebuilt) implements LastMap {
    private static final double RIDGE = 0.1;

    @Override
    public Run run(Tensor x, Pass pass) { // [B, C, H, W]
        var inner = inside.apply(x, pass);
        return new Run(inner, norm.forward(convolution.forward(inner), pass).add_(shortcut.forward(x)));
    }

    @Override
    public Tensor output(Tensor sum) {
        return sum.relu();
    }

    @Override
    public Tensor rows(Tensor inner, Tensor positions) { // [B, C, H, W] → [n, 9 C]
        return convolution.patches(inner, positions);
    }

    /// The norm has a shift.
    @Override
    public boolean shifts() {
        return true;
    }

    @Override
    public double ridge() {
        return RIDGE;
    }

    /// The changed map as a convolution, and a norm that leaves its output as it is: its statistics are the output's own, so that
    /// estimating them anew changes nothing.
    @Override
    public Layer fitted(Fit fit) {
        var scale = wide(norm.var()).add(new Scalar(NormalisedBatch.EPSILON)).rsqrt().mul(wide(norm.weight())); // [D]
        var matrix = convolution.matrix().to(ScalarType.Double).mul(scale.unsqueeze(1)).add_(wide(fit.difference())); // [D, f]
        var shift = wide(norm.bias()).sub(wide(norm.mean()).mul(scale)).add_(wide(fit.shift().orElseThrow()));
        long f = matrix.size(1);
        var mean = matrix.mv(fit.moments().select(0, f).narrow(0, 0, f)); // [D]
        var second = matrix.mm(fit.moments().narrow(0, 0, f).narrow(1, 0, f)).mul_(matrix).sum(1);
        var variance = second.sub(mean.mul(mean)).clamp_min_(new Scalar(0.0));
        var statistics = new BatchNorm(norm.prefix(),
                like(variance.add(new Scalar(NormalisedBatch.EPSILON)).sqrt(), norm.weight()),
                like(mean.add(shift), norm.bias()), like(mean, norm.mean()), like(variance, norm.var()));
        return rebuilt.apply(convolution.of(like(matrix, convolution.weight())), statistics);
    }

    private static Tensor wide(Tensor tensor) {
        return tensor.detach().to(ScalarType.Double);
    }

    private static Tensor like(Tensor tensor, Tensor other) {
        return tensor.to(other.scalar_type());
    }

    /// What follows is not read through a norm of its own.
    @Override
    public Optional<Layer> divided(double factor) {
        return Optional.empty();
    }
}
