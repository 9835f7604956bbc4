package dev.sglp.model.convolution.folded;

import dev.sglp.model.convolution.step.ChannelMap;
import dev.sglp.model.convolution.step.Convolution;
import dev.sglp.model.convolution.step.Sliding;
import dev.sglp.model.convolution.step.Step;
import dev.sglp.tensor.NamedOperator;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch.MemoryFormat;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.bytedeco.pytorch.global.torch;

/// A convolution that does the work of what follows it as well, for stored statistics: `γ (w∗x − mean) / √(var + ε) + β` is a
/// convolution with other weights and a bias. What follows it, a sum and a rectifier, is done by oneDNN while the results are
/// still in a register, where libtorch has oneDNN.
///
/// A signal is an image of one row here.
///
/// @param weight `[out, in / groups, k, k]`, channels last; of signals `[out, in / groups, 1, k]`
/// @param bias   `[out]`
/// @param whole  the convolution that was folded
public record FoldedConvolution(Tensor weight, Tensor bias, Sliding sliding, Convolution whole) {
    private static final Optional<NamedOperator> RECTIFIED = NamedOperator.find("mkldnn::_convolution_pointwise", "");
    private static final Optional<NamedOperator> ADDED = NamedOperator.find("mkldnn::_convolution_pointwise_",
            "binary");

    /// Counted in float64; the tensors belong to the current scope.
    ///
    /// @param tail maps of channels that follow it
    static FoldedConvolution of(Convolution convolution, List<Step> tail) {
        var map = ChannelMap.of(convolution, tail);
        var weight = ChannelMap.wide(convolution.kernel()).mul(map.scale().view(-1, 1, 1, 1));
        return new FoldedConvolution(weight.to(ScalarType.Float).contiguous(format(convolution)),
                map.shift().to(ScalarType.Float), convolution.dense(), convolution);
    }

    private static MemoryFormat format(Convolution convolution) {
        return convolution.line() ? MemoryFormat.Contiguous : MemoryFormat.ChannelsLast;
    }

    /// `relu(w∗x + bias)`
    Tensor rectified(Tensor x) { // [B, in, H, W] → [B, out, H', W']
        return asItCame(rectifiedImage(seen(x)));
    }

    private Tensor rectifiedImage(Tensor x) {
        return RECTIFIED.filter(_ -> x.is_cpu())
                .map(operator -> operator.call(new IValue(x), new IValue(weight), new IValue(bias),
                        paddings(),
                        strides(), ones(), new IValue(sliding.groups()), new IValue("relu"), operator.nothing(8),
                        new IValue("")))
                .orElseGet(() -> plainImage(x).relu_());
    }

    /// `relu(w∗x + bias + sum)`, in the place of `sum` where that lies channels last.
    Tensor addedAndRectified(Tensor x, Tensor sum) { // as above, [B, out, H', W']
        return asItCame(addedAndRectifiedImage(seen(x), image(sum)));
    }

    private Tensor addedAndRectifiedImage(Tensor x, Tensor sum) {
        return ADDED.filter(_ -> x.is_cpu())
                .map(operator -> operator.call(new IValue(sum.contiguous(format(whole))), new IValue(x),
                        new IValue(weight), new IValue(bias),
                        paddings(), strides(), ones(), new IValue(sliding.groups()), new IValue("add"), new IValue(1.0),
                        new IValue("relu"), operator.nothing(11), new IValue("")))
                .orElseGet(() -> plainImage(x).add_(sum).relu_());
    }

    /// `w∗x + bias`
    Tensor plain(Tensor x) {
        return asItCame(plainImage(seen(x)));
    }

    private Tensor plainImage(Tensor x) {
        return torch.conv2d(x, weight, new TensorOptional(bias), onImage(sliding.strides(), 1),
                onImage(sliding.paddings(), 0), Convolution.ONES, sliding.groups());
    }

    private Tensor seen(Tensor x) {
        return image(whole.seen(x));
    }

    private Tensor image(Tensor x) {
        return whole.line() ? x.unsqueeze(2) : x;
    }

    private Tensor asItCame(Tensor image) {
        return whole.line() ? image.squeeze(2) : image;
    }

    /// @param ofRows where there is one row
    private long[] onImage(long[] both, long ofRows) {
        return whole.line() ? new long[]{ofRows, both[1]} : both;
    }

    private IValue strides() {
        return NamedOperator.integers(onImage(sliding.strides(), 1));
    }

    private IValue paddings() {
        return NamedOperator.integers(onImage(sliding.paddings(), 0));
    }

    private static IValue ones() {
        return NamedOperator.integers(Convolution.ONES);
    }
}
