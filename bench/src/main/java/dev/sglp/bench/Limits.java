package dev.sglp.bench;

import dev.sglp.bench.Kernels.Kind;
import dev.sglp.bench.Kernels.Shape;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.global.torch.MemoryFormat;
import org.bytedeco.pytorch.global.torch.ScalarType;

/// What the machine can do.
record Limits(int rounds, int threads) {
    private static final long BATCH = 128;
    private static final List<Shape> STAGES = List.of(new Shape(BATCH, 16, 32), new Shape(BATCH, 32, 16),
            new Shape(BATCH, 64, 8));

    record Rate(Shape shape, Kind kind, String type, String format, double gflops) {}

    record Result(double product32, double product16, List<Rate> convolutions) {}

    Result run() {
        var kernels = new Kernels(rounds);
        var result = new Result(kernels.product(ScalarType.Float, 1536), kernels.product(ScalarType.BFloat16, 1536),
                new ArrayList<>());
        Bench.say("GEMM GFLOP/s: float32 %.0f, bfloat16 %.0f", result.product32, result.product16);
        for (var shape : STAGES) {
            for (var kind : Kind.values()) {
                for (var type : List.of(ScalarType.Float, ScalarType.BFloat16)) {
                    for (var format : List.of(MemoryFormat.Contiguous, MemoryFormat.ChannelsLast)) {
                        double rate = kernels.convolution(shape, kind, type, format);
                        result.convolutions.add(new Rate(shape, kind, type.name(), format.name(), rate));
                        Bench.say("%s %s %s %s: %.0f GFLOP/s", shape, kind, type, format, rate);
                    }
                }
            }
        }
        return result;
    }
}
