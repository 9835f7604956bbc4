package dev.sglp.importance;

import dev.sglp.tensor.Autograd;
import dev.sglp.tensor.Scope;
import java.util.Arrays;
import java.util.function.Supplier;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.MemoryFormat;
import org.bytedeco.pytorch.global.torch.ScalarType;

/// Times a small convolution in both precisions: what the processor can do is measured, not read from its name.
final class ConvolutionProbe {
    private static final int ROUNDS = 9;
    private static final long[] ONE = {1, 1};

    private ConvolutionProbe() {}

    /// How many times as fast a bfloat16 convolution is as a float32 one; takes some 20 ms.
    static double speedup() {
        return Autograd.recording(false, () -> {
            try (var _ = Scope.open()) {
                var x = torch.ones(32, 32, 32, 32).contiguous(MemoryFormat.ChannelsLast);
                var w = torch.ones(32, 32, 3, 3).contiguous(MemoryFormat.ChannelsLast);
                var x16 = x.to(ScalarType.BFloat16);
                var w16 = w.to(ScalarType.BFloat16);
                var exact = new long[ROUNDS];
                var rough = new long[ROUNDS];
                for (int i = -2; i < ROUNDS; i++) {
                    long full = nanos(() -> convolved(x, w));
                    long half = nanos(() -> convolved(x16, w16));
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
        Scope.run(work::get);
        return System.nanoTime() - start;
    }
}
