package dev.sglp.bench;

import dev.sglp.tensor.Scope;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.BoolPointer;
import org.bytedeco.pytorch.LongArrayRefOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.MemoryFormat;
import org.bytedeco.pytorch.global.torch.ScalarType;

/// How fast libtorch's matrix products and 3×3 convolutions are on this machine.
///
/// @param rounds of each kernel; the best counts, since it is the limit that is looked for
record Kernels(int rounds) {
    private static final long[] ONE = {1, 1};

    /// What a convolution kernel computes.
    enum Kind {
        FORWARD, INPUT_GRADIENT, WEIGHT_GRADIENT
    }

    /// A 3×3 convolution that keeps the size.
    record Shape(long batch, long channels, long side) {
        /// Operations of one kernel, two for a multiply-accumulate.
        double flops() {
            return 2.0 * batch * channels * channels * 9 * side * side;
        }
    }

    /// float32, and bfloat16 where this machine has it: elsewhere libtorch emulates it a hundred times slower.
    List<ScalarType> types() {
        return product(ScalarType.BFloat16, 256) < product(ScalarType.Float, 256) / 2
                ? List.of(ScalarType.Float)
                : List.of(ScalarType.Float, ScalarType.BFloat16);
    }

    /// GFLOP a second of `n × n` matrices.
    double product(ScalarType type, long n) {
        try (var _ = Scope.open()) {
            var a = torch.randn(n, n).to(type);
            var b = torch.randn(n, n).to(type);
            return 2e-9 * n * n * n / best(() -> a.mm(b));
        }
    }

    /// GFLOP a second of one convolution kernel.
    double convolution(Shape shape, Kind kind, ScalarType type, MemoryFormat format) {
        try (var _ = Scope.open()) {
            var x = tensor(type, format, shape.batch, shape.channels, shape.side, shape.side);
            var w = tensor(type, format, shape.channels, shape.channels, 3, 3);
            var g = tensor(type, format, shape.batch, shape.channels, shape.side, shape.side);
            return 1e-9 * shape.flops() / best(() -> run(kind, x, w, g));
        }
    }

    private static void run(Kind kind, Tensor x, Tensor w, Tensor g) {
        switch (kind) {
            case FORWARD -> torch.conv2d(x, w, new TensorOptional(), ONE, ONE, ONE, 1);
            case INPUT_GRADIENT -> backward(x, w, g, true);
            case WEIGHT_GRADIENT -> backward(x, w, g, false);
        }
    }

    private static void backward(Tensor x, Tensor w, Tensor g, boolean input) {
        torch.convolution_backward(g, x, w, new LongArrayRefOptional(), ONE, ONE, ONE, false, new long[]{0, 0}, 1,
                new BoolPointer(3).put(0, input).put(1, !input).put(2, false));
    }

    /// Seconds of a product of `[n, in]` tokens with an `[out, in]` matrix, or of one of its gradients.
    ///
    /// @param sizes n, out, in
    double linear(Kind kind, ScalarType type, long[] sizes) {
        try (var _ = Scope.open()) {
            var x = torch.randn(sizes[0], sizes[2]).to(type);
            var w = torch.randn(sizes[1], sizes[2]).to(type);
            var g = torch.randn(sizes[0], sizes[1]).to(type);
            var found = torch.empty_like(switch (kind) {
                case FORWARD -> g;
                case INPUT_GRADIENT -> x;
                case WEIGHT_GRADIENT -> w;
            });
            return best(() -> {
                switch (kind) {
                    case FORWARD -> torch.mm_out(found, x, w.t());
                    case INPUT_GRADIENT -> torch.mm_out(found, g, w);
                    case WEIGHT_GRADIENT -> torch.mm_out(found, g.t(), x);
                }
            });
        }
    }

    private static Tensor tensor(ScalarType type, MemoryFormat format, long... shape) {
        return torch.randn(shape).to(type).contiguous(format);
    }

    private double best(Runnable kernel) {
        var seconds = new ArrayList<Double>(List.of(Double.MAX_VALUE));
        for (int i = 0; i <= rounds; i++) {
            long start = System.nanoTime();
            Scope.run(kernel);
            seconds.add((System.nanoTime() - start) / 1e9);
        }
        return seconds.stream().min(Double::compare).orElseThrow();
    }
}
