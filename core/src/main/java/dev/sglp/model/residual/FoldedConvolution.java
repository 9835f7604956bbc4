package dev.sglp.model.residual;

import dev.sglp.tensor.NamedOperator;
import java.util.Optional;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.MemoryFormat;
import org.bytedeco.pytorch.global.torch.ScalarType;

/// A convolution that does its norm's work as well, for stored statistics: `γ (w∗x − mean) / √(var + ε) + β` is a convolution
/// with other weights and a bias. What follows it, a sum and a rectifier, is done by oneDNN while the results are still in a
/// register, where libtorch has oneDNN.
///
/// @param weight `[out, in, 3, 3]`, channels last
/// @param bias   `[out]`
public record FoldedConvolution(Tensor weight, Tensor bias, long stride) {
    private static final Optional<NamedOperator> RECTIFIED = NamedOperator.find("mkldnn::_convolution_pointwise", "");
    private static final Optional<NamedOperator> ADDED = NamedOperator.find("mkldnn::_convolution_pointwise_",
            "binary");

    /// Counted in float64; the tensors belong to the current scope.
    public static FoldedConvolution of(Convolution convolution, BatchNorm norm) {
        var scale = wide(norm.var()).add(new Scalar(NormalisedBatch.EPSILON)).rsqrt().mul(wide(norm.weight())); // [out]
        var weight = wide(convolution.weight()).mul(scale.view(-1, 1, 1, 1));
        var bias = wide(norm.bias()).sub(wide(norm.mean()).mul(scale));
        return new FoldedConvolution(weight.to(ScalarType.Float).contiguous(MemoryFormat.ChannelsLast),
                bias.to(ScalarType.Float), convolution.stride());
    }

    private static Tensor wide(Tensor tensor) {
        return tensor.detach().to(ScalarType.Double);
    }

    /// `relu(w∗x + bias)`
    public Tensor rectified(Tensor x) { // [B, in, H, W] → [B, out, H/stride, W/stride]
        return RECTIFIED.map(operator -> operator.call(new IValue(x), new IValue(weight), new IValue(bias), ones(),
                strides(), ones(), new IValue(1L), new IValue("relu"), operator.nothing(8), new IValue("")))
                .orElseGet(() -> plain(x).relu_());
    }

    /// `relu(w∗x + bias + sum)`, in the place of `sum` where that lies channels last.
    public Tensor addedAndRectified(Tensor x, Tensor sum) { // as above, [B, out, H/stride, W/stride]
        return ADDED
                .map(operator -> operator.call(new IValue(sum.contiguous(MemoryFormat.ChannelsLast)), new IValue(x),
                        new IValue(weight), new IValue(bias),
                        ones(), strides(), ones(), new IValue(1L), new IValue("add"), new IValue(1.0),
                        new IValue("relu"), operator.nothing(11), new IValue("")))
                .orElseGet(() -> plain(x).add_(sum).relu_());
    }

    private Tensor plain(Tensor x) {
        return torch.conv2d(x, weight, new TensorOptional(bias), new long[]{stride, stride}, new long[]{1, 1},
                new long[]{1, 1}, 1);
    }

    private IValue strides() {
        return NamedOperator.integers(stride, stride);
    }

    private static IValue ones() {
        return NamedOperator.integers(1, 1);
    }
}
