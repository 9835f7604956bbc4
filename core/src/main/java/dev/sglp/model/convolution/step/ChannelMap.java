package dev.sglp.model.convolution.step;

import dev.sglp.tensor.DType;
import dev.sglp.tensor.Device;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/// `scale · x + shift` for each channel.
///
/// @param scale float64 `[C]`
/// @param shift float64 `[C]`
public record ChannelMap(Tensor scale, Tensor shift) {
    /// What becomes of a convolution's products: its bias, then what follows.
    ///
    /// @param tail steps that all are such maps
    public static ChannelMap of(Convolution convolution, List<Step> tail) {
        long channels = convolution.weight().size(0);
        var device = Device.of(convolution.weight());
        var map = new ChannelMap(device.ones(DType.F64, channels),
                convolution.bias().map(ChannelMap::wide).orElseGet(() -> device.zeros(DType.F64, channels)));
        for (var step : tail) {
            map = map.then(step.channelMap().orElseThrow());
        }
        return map;
    }

    private ChannelMap then(ChannelMap next) {
        return new ChannelMap(scale.mul(next.scale), shift.mul(next.scale).add_(next.shift));
    }

    public static Tensor wide(Tensor tensor) {
        return tensor.detach().to(ScalarType.Double);
    }
}
