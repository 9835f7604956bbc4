package dev.sglp.tensor.speed;

import dev.sglp.tensor.Autograd;
import dev.sglp.tensor.DType;
import dev.sglp.tensor.Device;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Threads;
import java.util.Arrays;
import java.util.Comparator;
import java.util.function.BinaryOperator;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.MemoryFormat;
import org.bytedeco.pytorch.global.torch.ScalarType;

/// Times a small convolution or matrix product in both precisions: what the device can do is measured, not read from its name.
public final class SpeedProbe {
    /// Times as fast, below which bfloat16 is not worth its error.
    public static final double WORTH = 1.3;
    private static final int ROUNDS = 9;
    private static final long TOKENS = 512;
    private static final long WIDEST = 2048;
    private static final long[] ONE = {1, 1};

    private SpeedProbe() {}

    /// How many times as fast a bfloat16 convolution is as a float32 one; takes some 20 ms.
    public static double ofConvolution(Device device) {
        return speedup(
                type -> device.ones(DType.F32, 32, 32, 32, 32).to(type).contiguous(MemoryFormat.ChannelsLast),
                type -> device.ones(DType.F32, 32, 32, 3, 3).to(type).contiguous(MemoryFormat.ChannelsLast),
                SpeedProbe::convolved);
    }

    /// The same of products with the largest matrix among these; 1 where there is none.
    public static double ofLargest(Device device, Stream<Tensor> weights) {
        return weights.filter(tensor -> tensor.dim() == 2).max(Comparator.comparingLong(Tensor::numel))
                .map(matrix -> ofMatrices(device, Math.min(matrix.size(0), matrix.size(1)),
                        Math.max(matrix.size(0), matrix.size(1))))
                .orElse(1.0);
    }

    /// How many times as fast a bfloat16 matrix product is as a float32 one, by one thread where candidates go side by side; takes some 50 ms,
    /// of large layers a second.
    ///
    /// @param width of what a layer reads
    /// @param inner numbers that it makes of that at the most
    public static double ofMatrices(Device device, long width, long inner) {
        long in = Math.min(width, WIDEST);
        long out = Math.min(inner, WIDEST);
        Supplier<Double> probe = () -> speedup(type -> device.ones(DType.F32, TOKENS, in).to(type),
                type -> device.ones(DType.F32, out, in).to(type),
                (x, w) -> x.mm(w.t()));
        return Threads.lanes() > 1 ? Threads.alone(probe) : probe.get();
    }

    private static double speedup(Function<ScalarType, Tensor> input, Function<ScalarType, Tensor> weight,
            BinaryOperator<Tensor> product) {
        return Autograd.recording(false, () -> {
            try (var _ = Scope.open()) {
                var exact = new long[ROUNDS];
                var rough = new long[ROUNDS];
                var x = input.apply(ScalarType.Float);
                var w = weight.apply(ScalarType.Float);
                var x16 = input.apply(ScalarType.BFloat16);
                var w16 = weight.apply(ScalarType.BFloat16);
                for (int i = -2; i < ROUNDS; i++) {
                    long full = nanos(() -> product.apply(x, w));
                    long half = nanos(() -> product.apply(x16, w16));
                    exact[Math.max(0, i)] = full;
                    rough[Math.max(0, i)] = half;
                }
                Arrays.sort(exact);
                Arrays.sort(rough);
                return (double) exact[ROUNDS / 2] / rough[ROUNDS / 2];
            }
        });
    }

    private static Tensor convolved(Tensor x, Tensor w) {
        return torch.conv2d(x, w, new TensorOptional(), ONE, ONE, ONE, 1);
    }

    private static long nanos(Supplier<Tensor> work) {
        long start = System.nanoTime();
        Scope.run(() -> Device.await(work.get()));
        return System.nanoTime() - start;
    }
}
