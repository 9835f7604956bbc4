package dev.sglp.model.convolution.step;

import dev.sglp.model.Pass;
import dev.sglp.model.Pass.Statistics;
import dev.sglp.tensor.DType;
import dev.sglp.tensor.Device;
import dev.sglp.tensor.Seed;
import dev.sglp.tensor.Tensors;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/// Batch normalisation over the channels of `[B, C, H, W]` (Ioffe and Szegedy, arXiv 1502.03167).
///
/// @param prefix  its name in the checkpoint, for instance `layer1.0.bn1`
/// @param weight  scale, `[C]`
/// @param bias    shift, `[C]`
/// @param mean    stored running mean, `[C]`
/// @param var     stored running variance, `[C]`
/// @param epsilon added to the variance
public record BatchNorm(String prefix, Tensor weight, Tensor bias, Tensor mean, Tensor var,
        double epsilon) implements Step {
    private static final int LINE = 3;

    /// A fresh one for `channels` channels: scale 1, shift 0, mean 0, variance 1.
    public static BatchNorm fresh(String prefix, long channels, double epsilon, Device device) {
        return new BatchNorm(prefix, device.ones(DType.F32, channels), device.zeros(DType.F32, channels),
                device.zeros(DType.F32, channels), device.ones(DType.F32, channels), epsilon);
    }

    @Override
    public BatchNorm reinitialised(Seed seed) {
        return fresh(prefix, weight.numel(), epsilon, Device.of(weight));
    }

    @Override
    public BatchNorm mapped(UnaryOperator<Tensor> other) {
        return new BatchNorm(prefix, other.apply(weight), other.apply(bias), other.apply(mean), other.apply(var),
                epsilon);
    }

    /// `γ / √(var + ε)`, and what that leaves of mean and shift.
    @Override
    public Optional<ChannelMap> channelMap() {
        var scale = ChannelMap.wide(var).add(new Scalar(epsilon)).rsqrt().mul(ChannelMap.wide(weight)); // [C]
        return Optional.of(
                new ChannelMap(scale, ChannelMap.wide(bias).sub(ChannelMap.wide(mean).mul(scale))));
    }

    /// One that leaves `scale · x + shift` of numbers with this mean and variance as it is when its statistics are counted anew.
    ///
    /// @param shift    float64 `[C]`
    /// @param mean     float64 `[C]`
    /// @param variance float64 `[C]`
    public BatchNorm neutral(Tensor shift, Tensor mean, Tensor variance) {
        return new BatchNorm(prefix, like(variance.add(new Scalar(epsilon)).sqrt(), weight),
                like(mean.add(shift), bias), like(mean, this.mean), like(variance, var), epsilon);
    }

    private static Tensor like(Tensor tensor, Tensor other) {
        return tensor.to(other.scalar_type());
    }

    @Override
    public Tensor forward(Tensor x, Pass pass) { // [B, C, H, W]
        return switch (pass.statistics()) {
            case STORED -> normalise(x, some(mean), some(var), false, 0);
            case BATCH -> GradMode.is_enabled() || x.dim() == LINE // exact sums have no autograd, and signals none
                    ? normalise(x, Tensors.none(), Tensors.none(), true, 0)
                    : normalised(x, pass).output();
            case UPDATED -> normalise(x, some(mean), some(var), true, pass.momentum());
        };
    }

    /// The same with what the way back needs. Nothing is recorded by autograd, and no stored statistics move.
    public NormalisedBatch normalised(Tensor x, Pass pass) {
        return pass.statistics() == Statistics.STORED
                ? NormalisedBatch.byStored(x, this)
                : NormalisedBatch.byItself(x, this);
    }

    private Tensor normalise(Tensor x, TensorOptional mean, TensorOptional var, boolean batch, double momentum) {
        return torch.batch_norm(x, some(weight), some(bias), mean, var, batch, momentum, epsilon,
                false);
    }

    private static TensorOptional some(Tensor tensor) {
        return new TensorOptional(tensor);
    }

    @Override
    public SequencedMap<String, Tensor> parameters() {
        var all = new LinkedHashMap<String, Tensor>();
        all.put(prefix + ".weight", weight);
        all.put(prefix + ".bias", bias);
        return all;
    }

    @Override
    public SequencedMap<String, Tensor> buffers() {
        var all = new LinkedHashMap<String, Tensor>();
        all.put(prefix + ".running_mean", mean);
        all.put(prefix + ".running_var", var);
        return all;
    }
}
