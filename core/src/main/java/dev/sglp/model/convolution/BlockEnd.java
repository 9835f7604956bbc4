package dev.sglp.model.convolution;

import dev.sglp.model.Layout;
import dev.sglp.model.Layer;
import dev.sglp.model.Pass;
import dev.sglp.model.convolution.step.BatchNorm;
import dev.sglp.model.convolution.step.Chain;
import dev.sglp.model.convolution.step.ChannelMap;
import dev.sglp.model.convolution.step.ChannelScale;
import dev.sglp.model.convolution.step.Convolution;
import dev.sglp.model.convolution.step.Step;
import dev.sglp.model.repair.LastMap;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.bytedeco.pytorch.global.torch;

/// A block ends in its last convolution, with the norm or the factors behind it folded into it. Without a shortcut, what it is fitted
/// to is what goes into the rectifier.
///
/// @param last where the last convolution stands in the branch
record BlockEnd(Block block, int last) implements LastMap {
    private static final double RIDGE = LastMap.ridge(Layout.MAPS);

    /// Where what follows the last convolution folds into it.
    static Optional<LastMap> of(Block block) {
        var steps = block.branch().steps();
        int last = steps.size() - 1;
        while (last >= 0 && !(steps.get(last) instanceof Convolution)) {
            if (!(steps.get(last) instanceof BatchNorm || steps.get(last) instanceof ChannelScale)) {
                return Optional.empty();
            }
            last--;
        }
        boolean folds = last >= block.shortcut().behind() && last >= steps.size() - 2
                && ((Convolution) steps.get(last)).sliding().groups() == 1;
        return folds ? Optional.of(new BlockEnd(block, last)) : Optional.empty();
    }

    private Convolution convolution() {
        return (Convolution) block.branch().steps().get(last);
    }

    private List<Step> tail() {
        return block.branch().from(last + 1).steps();
    }

    @Override
    public Run run(Tensor x, Pass pass) { // [B, C, H, W]
        int behind = block.shortcut().behind();
        var shared = block.branch().first(behind).forward(Convolution.prepared(x, pass), pass);
        var inner = new Chain(block.branch().steps().subList(behind, last)).forward(shared, pass);
        var mapped = block.branch().from(last).forward(inner, pass);
        return new Run(inner, block.shortcut().added(mapped, shared, pass));
    }

    @Override
    public Tensor output(Tensor sum) {
        return block.after().forward(sum, Pass.evaluation());
    }

    @Override
    public Tensor rows(Tensor inner, Tensor positions) { // [B, C, H, W] → [n, k² C]
        return convolution().patches(inner, positions);
    }

    @Override
    public boolean shifts() {
        return convolution().bias().isPresent() || tail().stream().anyMatch(BatchNorm.class::isInstance);
    }

    @Override
    public double ridge() {
        return RIDGE;
    }

    /// The changed map as a convolution, and a norm that leaves its output as it is: its statistics are the output's own, so that
    /// estimating them anew changes nothing.
    @Override
    public Layer fitted(Fit fit) {
        var convolution = convolution();
        var map = ChannelMap.of(convolution, tail());
        var matrix = convolution.matrix().to(ScalarType.Double).mul(map.scale().unsqueeze(1))
                .add_(ChannelMap.wide(fit.difference())); // [D, f]
        var shift = fit.shift().map(s -> map.shift().add(ChannelMap.wide(s))).orElse(map.shift());
        var steps = new ArrayList<>(block.branch().first(last).steps());
        boolean normed = tail().stream().anyMatch(BatchNorm.class::isInstance);
        var bias = convolution.bias().map(b -> normed ? torch.zeros_like(b) : shift.to(b.scalar_type()));
        steps.add(convolution.of(matrix.to(convolution.weight().scalar_type()), bias));
        for (var step : tail()) {
            steps.add(switch (step) {
                case BatchNorm norm -> counted(norm, fit, matrix, shift);
                case ChannelScale scale -> scale.neutral();
                default -> throw new IllegalStateException("no map of channels: " + step);
            });
        }
        return block.with(new Chain(steps));
    }

    private static BatchNorm counted(BatchNorm norm, Fit fit, Tensor matrix, Tensor shift) {
        long f = matrix.size(1);
        var mean = matrix.mv(fit.moments().select(0, f).narrow(0, 0, f)); // [D]
        var second = matrix.mm(fit.moments().narrow(0, 0, f).narrow(1, 0, f)).mul_(matrix).sum(1);
        var variance = second.sub(mean.mul(mean)).clamp_min_(new org.bytedeco.pytorch.Scalar(0.0));
        return norm.neutral(shift, mean, variance);
    }

    /// What follows is not read through a norm of its own.
    @Override
    public boolean scalable() {
        return false;
    }

    @Override
    public Optional<Layer> divided(double factor) {
        return Optional.empty();
    }
}
