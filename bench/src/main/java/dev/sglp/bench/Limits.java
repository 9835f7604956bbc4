package dev.sglp.bench;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.sglp.bench.Kernels.Kind;
import dev.sglp.bench.Kernels.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.global.torch.MemoryFormat;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/// What the machine can do for a GradNorm candidate of ResNet-56 on 128 images: how many operations it takes, and how fast
/// libtorch does matrix products and the convolutions of the three stages.
record Limits(int rounds) {
    private static final long BATCH = 128;
    private static final int REMOVABLE = 25;
    private static final int BLOCKS = 27;
    /// 3×3 convolutions that keep the size, per stage; the two that halve it count half of one of their stage.
    private static final List<Shape> STAGES = List.of(new Shape(BATCH, 16, 32), new Shape(BATCH, 32, 16),
            new Shape(BATCH, 64, 8));
    private static final double CONVOLUTIONS = 18;

    /// @param gflops billions of operations a second
    record Rate(Shape shape, Kind kind, String type, String format, double gflops) {}

    /// @param forward      GFLOP of the 55 convolutions of blocks and stem
    /// @param shared       part of the forward pass that single-block candidates in our order share, on average
    /// @param candidate    GFLOP of a candidate after that: forward, input gradients, weight gradients
    /// @param matrix32     GFLOP/s of a float32 matrix product
    /// @param matrix16     GFLOP/s of a bfloat16 matrix product, where the machine has it
    /// @param seconds32    of a candidate if nothing but its convolutions took time, channels last, float32
    /// @param seconds16    the same in bfloat16
    record Result(double forward, double shared, double candidate, double matrix32,
            @Nullable Double matrix16,
            @JsonProperty("convolution_seconds_float32") double seconds32,
            @JsonProperty("convolution_seconds_bfloat16") @Nullable Double seconds16, List<Rate> convolutions) {}

    Result run() {
        var kernels = new Kernels(rounds);
        double forward = 1e-9 * CONVOLUTIONS * STAGES.stream().mapToDouble(Shape::flops).sum();
        double shared = shared();
        double candidate = forward * (3 - shared);
        double matrix32 = kernels.product(ScalarType.Float, 1536);
        var types = kernels.types();
        boolean both = types.contains(ScalarType.BFloat16);
        var rates = rates(kernels, types);
        var result = new Result(forward, shared, candidate, matrix32,
                both ? kernels.product(ScalarType.BFloat16, 1536) : null, seconds(rates, ScalarType.Float, shared),
                both ? seconds(rates, ScalarType.BFloat16, shared) : null, rates);
        print(result);
        return result;
    }

    /// Candidate `i` shares the blocks before it with the candidate scored before it, which changes a later block.
    private static double shared() {
        return IntStream.range(0, BLOCKS).filter(i -> i != 9 && i != 18).mapToDouble(i -> (double) i / BLOCKS).sum()
                / REMOVABLE;
    }

    private static List<Rate> rates(Kernels kernels, List<ScalarType> types) {
        var rates = new ArrayList<Rate>();
        for (var shape : STAGES) {
            for (var kind : Kind.values()) {
                for (var type : types) {
                    for (var format : List.of(MemoryFormat.Contiguous, MemoryFormat.ChannelsLast)) {
                        rates.add(new Rate(shape, kind, type.name(), format.name(),
                                kernels.convolution(shape, kind, type, format)));
                    }
                }
            }
        }
        return rates;
    }

    /// What the convolutions of a candidate take at these rates, channels last.
    private static double seconds(List<Rate> rates, ScalarType type, double shared) {
        return rates.stream()
                .filter(r -> r.type.equals(type.name()) && r.format.equals(MemoryFormat.ChannelsLast.name()))
                .mapToDouble(r -> CONVOLUTIONS * (r.kind == Kind.FORWARD ? 1 - shared : 1) * 1e-9 * r.shape.flops()
                        / r.gflops)
                .sum();
    }

    private void print(Result r) {
        Bench.say(
                "one candidate: %.1f GFLOP forward, of which %.0f %% are shared, %.1f by input, %.1f by weights: %.1f GFLOP",
                r.forward, 100 * r.shared, r.forward, r.forward, r.candidate);
        say("float32", r, r.matrix32, r.seconds32);
        if (r.matrix16 != null && r.seconds16 != null) {
            say("bfloat16", r, r.matrix16, r.seconds16);
        }
        for (var rate : r.convolutions) {
            Bench.say("  %d channels, %d×%d  %-15s %-8s %-12s %6.0f GFLOP/s", rate.shape.channels(), rate.shape.side(),
                    rate.shape.side(), rate.kind, rate.type, rate.format, rate.gflops);
        }
    }

    private static void say(String type, Result r, double matrix, double seconds) {
        Bench.say(
                "%s: matrix product %.0f GFLOP/s, at that rate %.2f candidates/s; convolutions alone, channels last: %.2f",
                type, matrix, matrix / r.candidate, 1 / seconds);
    }
}
