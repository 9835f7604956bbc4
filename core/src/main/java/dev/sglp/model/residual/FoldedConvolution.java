package dev.sglp.model.residual;

import dev.sglp.model.BatchNorm;
import dev.sglp.model.Convolution;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.MemoryFormat;
import org.bytedeco.pytorch.global.torch.ScalarType;

/// A convolution that does its norm's work as well, for stored statistics: `γ (w∗x − mean) / √(var + ε) + β` is a convolution
/// with other weights and a bias.
///
/// @param weight `[out, in, 3, 3]`, channels last
/// @param bias   `[out]`
public record FoldedConvolution(Tensor weight, Tensor bias, long stride) {

    /// Counted in float64; the tensors belong to the current scope.
    public static FoldedConvolution of(Convolution convolution, BatchNorm norm) {
        var scale = wide(norm.var()).add(new Scalar(BatchNorm.EPSILON)).rsqrt().mul(wide(norm.weight())); // [out]
        var weight = wide(convolution.weight()).mul(scale.view(-1, 1, 1, 1));
        var bias = wide(norm.bias()).sub(wide(norm.mean()).mul(scale));
        return new FoldedConvolution(weight.to(ScalarType.Float).contiguous(MemoryFormat.ChannelsLast),
                bias.to(ScalarType.Float), convolution.stride());
    }

    private static Tensor wide(Tensor tensor) {
        return tensor.detach().to(ScalarType.Double);
    }

    public Tensor forward(Tensor x) { // [B, in, H, W] → [B, out, H/stride, W/stride]
        return torch.conv2d(x, weight, new TensorOptional(bias), new long[]{stride, stride}, new long[]{1, 1},
                new long[]{1, 1}, 1);
    }
}
