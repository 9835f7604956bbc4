package dev.sglp.bench;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.sglp.bench.Kernels.Kind;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/// What the machine can do for a GradNorm candidate of SmolLM2-135M on 4 × 128 tokens, layers 10 to 19 left out one at a time:
/// the operations of the products with weights, and how fast libtorch does each of them. The attention's own products, 4 % of
/// a layer's, are not counted.
record TextLimits(int rounds) {
    private static final long TOKENS = 512;
    private static final List<Matrix> LAYER = List.of(new Matrix(576, 576, 2), new Matrix(192, 576, 2),
            new Matrix(1536, 576, 2), new Matrix(576, 1536, 1));
    private static final Matrix HEAD = new Matrix(49_152, 576, 1);
    /// Layers run anew: all 29 for the first candidate, then 11 to 19, since candidate i shares the layers before it.
    private static final double FORWARD = 16.4;
    private static final double INPUT_GRADIENTS = 29;
    /// All but the ten that are left out in turn.
    private static final double WEIGHT_GRADIENTS = 20;

    /// @param count how many of this shape a layer has
    record Matrix(long out, long in, int count) {
        double gflop() {
            return 2e-9 * TOKENS * out * in * count;
        }
    }

    /// @param gflops billions of operations a second
    record Rate(Matrix matrix, Kind kind, String type, double gflops) {}

    /// @param candidate GFLOP of a candidate
    /// @param seconds32 of a candidate if nothing but these products took time, float32
    /// @param seconds16 the same in bfloat16, where the machine has it
    record Result(@JsonProperty("candidate_gflop") double candidate, @JsonProperty("seconds_float32") double seconds32,
            @JsonProperty("seconds_bfloat16") @Nullable Double seconds16, List<Rate> rates) {}

    Result run() {
        var kernels = new Kernels(rounds);
        var rates = new ArrayList<Rate>();
        var types = kernels.types();
        for (var type : types) {
            for (var kind : Kind.values()) {
                LAYER.forEach(matrix -> rates.add(rate(kernels, matrix, kind, type)));
                rates.add(rate(kernels, HEAD, kind, type));
            }
        }
        double gflop = rates.stream().filter(r -> r.type.equals(ScalarType.Float.name()))
                .mapToDouble(r -> times(r) * r.matrix.gflop()).sum();
        var result = new Result(gflop, seconds(rates, ScalarType.Float),
                types.contains(ScalarType.BFloat16) ? seconds(rates, ScalarType.BFloat16) : null, rates);
        print(result);
        return result;
    }

    private static Rate rate(Kernels kernels, Matrix matrix, Kind kind, ScalarType type) {
        double seconds = kernels.linear(kind, type, new long[]{TOKENS, matrix.out, matrix.in});
        return new Rate(matrix, kind, type.name(), matrix.gflop() / matrix.count / seconds);
    }

    /// How often a candidate does this.
    private static double times(Rate rate) {
        return rate.matrix == HEAD ? 1 : switch (rate.kind) {
            case FORWARD -> FORWARD;
            case INPUT_GRADIENT -> INPUT_GRADIENTS;
            case WEIGHT_GRADIENT -> WEIGHT_GRADIENTS;
        };
    }

    private static double seconds(List<Rate> rates, ScalarType type) {
        return rates.stream().filter(r -> r.type.equals(type.name()))
                .mapToDouble(r -> times(r) * r.matrix.gflop() / r.gflops).sum();
    }

    private static void print(Result r) {
        Bench.say("one candidate: %.0f GFLOP", r.candidate);
        Bench.say("these products alone: %.3f candidates/s float32", 1 / r.seconds32);
        if (r.seconds16 != null) {
            Bench.say("these products alone: %.3f candidates/s bfloat16", 1 / r.seconds16);
        }
        for (var rate : r.rates) {
            Bench.say("  %6d × %4d  %-15s %-8s %6.0f GFLOP/s", rate.matrix.out, rate.matrix.in, rate.kind, rate.type,
                    rate.gflops);
        }
    }
}
