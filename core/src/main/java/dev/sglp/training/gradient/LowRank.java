package dev.sglp.training.gradient;

import dev.sglp.fault.UsageException;
import dev.sglp.tensor.Autograd;
import dev.sglp.tensor.DType;
import dev.sglp.tensor.Device;
import dev.sglp.tensor.Gradient;
import dev.sglp.tensor.Seed;
import dev.sglp.tensor.Tensors;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/// Matrices of low rank that are learned in the place of a network's own: `W = W₀ + (α / r) · B A` (LoRA, Hu 2021, arXiv 2106.09685,
/// section 4.1). The network computes with `W`, so that any map of any block can be adapted and what is written needs no merging;
/// what is learned and remembered by the optimizer are `A` and `B` alone.
///
/// @param matrices by their names in the checkpoint
/// @param rank     `r`, at least 1
/// @param scale    `α / r`
public record LowRank(SequencedMap<String, Adapted> matrices, int rank, double scale) {
    private static final String A = ".lora_A";
    private static final String B = ".lora_B";

    /// @param matrix what the network computes with, `[out, in]`
    /// @param start  what it was, `W₀`
    /// @param a      `[r, in]`, at first uniform within `±1 / √in`
    /// @param b      `[out, r]`, at first zero
    public record Adapted(Tensor matrix, Tensor start, Tensor a, Tensor b) {}

    /// In the current scope.
    ///
    /// @param matrices float32, of two dimensions
    /// @param alpha    α, above 0
    /// @throws UsageException where a number is out of range
    public static LowRank of(SequencedMap<String, Tensor> matrices, int rank, double alpha, Seed seed) {
        if (rank < 1) {
            throw new UsageException("--lora-rank is at least 1, got " + rank);
        }
        if (!(alpha > 0 && Double.isFinite(alpha))) {
            throw new UsageException("--lora-alpha is above 0, got " + alpha);
        }
        var all = new LinkedHashMap<String, Adapted>();
        matrices.forEach((name, matrix) -> all.put(name, adapted(name, matrix, rank, seed)));
        return new LowRank(all, rank, alpha / rank);
    }

    private static Adapted adapted(String name, Tensor matrix, int rank, Seed seed) {
        long in = matrix.size(1);
        return new Adapted(matrix, Autograd.off(() -> matrix.detach().clone()),
                Device.of(matrix).moved(uniform(seed, name, 1 / Math.sqrt(in), rank, in)),
                Device.of(matrix).zeros(DType.F32, matrix.size(0), rank));
    }

    private static Tensor uniform(Seed seed, String name, double bound, long rows, long columns) {
        var generator = seed.generator(name + A);
        var values = new float[Math.toIntExact(rows * columns)];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) generator.between(-bound, bound);
        }
        return Tensors.floats(values, rows, columns);
    }

    /// What is learned, by name.
    public SequencedMap<String, Tensor> learned() {
        var all = new LinkedHashMap<String, Tensor>();
        matrices.forEach((name, adapted) -> {
            all.put(name + A, adapted.a);
            all.put(name + B, adapted.b);
        });
        return all;
    }

    /// Puts what is learned into the network.
    public void merge() {
        Autograd.recording(false, () -> {
            matrices.values().forEach(m -> {
                m.matrix.copy_(m.start);
                m.matrix.addmm_(m.b, m.a, new Scalar(1.0), new Scalar(scale));
            });
            return matrices;
        });
    }

    /// The sums of the gradients of one matrix's factors.
    ///
    /// @param a of `A`: `scale · Bᵀ dW`
    /// @param b of `B`: `scale · dW Aᵀ`
    record Factors(Adapted of, double scale, Tensor a, Tensor b) {
        void add(Gradient gradient) {
            switch (gradient) {
                case Gradient.Product(var vector, var x) -> {
                    var thin = vector.mm(like(of.b, vector)); // [n, r]
                    addProduct(a, thin.t(), x);
                    addProduct(b, vector.t(), x.mm(like(of.a, x).t()));
                }
                case Gradient.Sum(var first, var second) -> {
                    add(first);
                    add(second);
                }
                case Gradient.Whole(var whole) -> {
                    addProduct(a, like(of.b, whole).t(), whole);
                    addProduct(b, whole, like(of.a, whole).t());
                }
            }
        }

        private void addProduct(Tensor sum, Tensor left, Tensor right) {
            sum.add_(left.mm(right), new Scalar(scale));
        }

        private static Tensor like(Tensor factor, Tensor other) {
            return factor.detach().to(other.scalar_type());
        }
    }

    /// The factors' sums, by the identity of what the network computes with.
    ///
    /// @param sums of {@link #learned}, by the identity of each
    Map<Long, Factors> factors(Map<Long, Tensor> sums) {
        var all = new LinkedHashMap<Long, Factors>();
        matrices.values().forEach(m -> all.put(Tensors.identity(m.matrix), new Factors(m, scale,
                Optional.ofNullable(sums.get(Tensors.identity(m.a))).orElseThrow(),
                Optional.ofNullable(sums.get(Tensors.identity(m.b))).orElseThrow())));
        return all;
    }
}
