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
/// @param weight `[out, in / groups, k, k]`, channels last
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
        return new FoldedConvolution(weight.to(ScalarType.Float).contiguous(MemoryFormat.ChannelsLast),
                map.shift().to(ScalarType.Float), convolution.dense(), convolution);
    }

    /// `relu(w∗x + bias)`
    Tensor rectified(Tensor x) { // [B, in, H, W] → [B, out, H', W']
        return RECTIFIED.filter(_ -> x.is_cpu())
                .map(operator -> operator.call(new IValue(whole.seen(x)), new IValue(weight), new IValue(bias),
                        paddings(),
                        strides(), ones(), new IValue(sliding.groups()), new IValue("relu"), operator.nothing(8),
                        new IValue("")))
                .orElseGet(() -> plain(x).relu_());
    }

    /// `relu(w∗x + bias + sum)`, in the place of `sum` where that lies channels last.
    Tensor addedAndRectified(Tensor x, Tensor sum) { // as above, [B, out, H', W']
        return ADDED.filter(_ -> x.is_cpu())
                .map(operator -> operator.call(new IValue(sum.contiguous(MemoryFormat.ChannelsLast)),
                        new IValue(whole.seen(x)),
                        new IValue(weight), new IValue(bias),
                        paddings(), strides(), ones(), new IValue(sliding.groups()), new IValue("add"), new IValue(1.0),
                        new IValue("relu"), operator.nothing(11), new IValue("")))
                .orElseGet(() -> plain(x).add_(sum).relu_());
    }

    /// `w∗x + bias`
    Tensor plain(Tensor x) {
        return torch.conv2d(whole.seen(x), weight, new TensorOptional(bias), sliding.strides(), sliding.paddings(),
                Convolution.ONES, sliding.groups());
    }

    private IValue strides() {
        return NamedOperator.integers(sliding.strides());
    }

    private IValue paddings() {
        return NamedOperator.integers(sliding.paddings());
    }

    private static IValue ones() {
        return NamedOperator.integers(Convolution.ONES);
    }
}
