package dev.sglp.tensor;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/// Euclidean norms of gradients, summed in float64.
///
/// Of a {@link Gradient.Product} over few rows the matrix is never made: `‖vᵀx‖² = Σᵢⱼ (x xᵀ)ᵢⱼ (v vᵀ)ᵢⱼ` (Li et al. 2022, arXiv
/// 2110.05679, section 4, there of single examples). With `n` rows that takes about `n² (out + in) / 2` multiplications
/// instead of `n · out · in`, and maps that read the same input share `x xᵀ`. That of an embedding tied to the head is the sum of such a
/// product and of some rows, whose own square and product with it are added.
public final class GradientNorms {
    /// Rows of a matrix whose squares are summed at a time, so that no copy of it is made.
    public static final long ROWS = 1 << 12;
    /// Rows of `x xᵀ` that exist at a time; what lies left of its diagonal is not computed.
    private static final long BAND = 128;
    /// A multiplication in a band costs so many of those in a large product (two matrices of 512 rows, one thread, AVX2).
    private static final double PRICE = 1.25;
    /// Below this share of its diagonal the sum has lost digits to cancellation, and the matrix is made after all.
    private static final double CANCELLED = 0.01;

    private GradientNorms() {}

    /// In their order.
    public static double[] of(List<? extends Gradient> gradients) {
        Map<Tensor, List<Integer>> readers = new IdentityHashMap<>(); // places of the products by their input
        var norms = new double[gradients.size()];
        for (int i = 0; i < norms.length; i++) {
            switch (gradients.get(i)) {
                case Gradient.Product product -> readers.computeIfAbsent(product.x(), _ -> new ArrayList<>()).add(i);
                case Gradient.Whole whole -> norms[i] = of(whole.whole());
                case Gradient.Sum sum -> norms[i] = ofSum(sum);
            }
        }
        readers.forEach((x, places) -> {
            var vectors = places.stream().map(i -> ((Gradient.Product) gradients.get(i)).vector()).toList();
            var found = ofProducts(x, vectors);
            for (int j = 0; j < found.length; j++) {
                norms[places.get(j)] = found[j];
            }
        });
        return norms;
    }

    /// Of one tensor; of a sparse one of its values.
    public static double of(Tensor gradient) {
        try (var _ = Scope.open()) {
            if (gradient.is_sparse()) {
                return of(gradient.coalesce()._values());
            }
            return Tensors.toDoubles(gradient.dim() == 2
                    ? ofRows(gradient)
                    : norm(gradient, new long[0], ScalarType.Double))[0];
        }
    }

    private static Tensor ofRows(Tensor matrix) {
        var norms = new ArrayList<Tensor>();
        for (long from = 0; from < matrix.size(0); from += ROWS) {
            var rows = matrix.narrow(0, from, Math.min(ROWS, matrix.size(0) - from));
            norms.add(Scope.yield(() -> {
                var values = wide(rows);
                return norm(values, new long[]{1}, values.scalar_type().intern());
            }));
        }
        return torch.cat(new TensorVector(norms.toArray(Tensor[]::new))).to(ScalarType.Double).norm();
    }

    /// At least float32.
    private static Tensor wide(Tensor rows) {
        return rows.scalar_type().intern() == ScalarType.Double ? rows : rows.to(ScalarType.Float);
    }

    private static Tensor norm(Tensor gradient, long[] dimensions, ScalarType type) {
        return torch.linalg_vector_norm(gradient, new Scalar(2), dimensions, false, new ScalarTypeOptional(type));
    }

    /// Of `vᵀx` for each vector.
    private static double[] ofProducts(Tensor x, List<Tensor> vectors) {
        try (var _ = Scope.open()) {
            var norms = new double[vectors.size()];
            var squares = pays(x, vectors) ? squares(x, vectors) : null;
            for (int i = 0; i < norms.length; i++) {
                norms[i] = squares == null || squares[i].cancelled()
                        ? ofProduct(vectors.get(i), x)
                        : Math.sqrt(squares[i].sum);
            }
            return norms;
        }
    }

    /// As many rows of the matrix at a time as {@link #ofRows} looks at.
    private static double ofProduct(Tensor vector, Tensor x) {
        double square = 0;
        for (long from = 0; from < vector.size(1); from += ROWS) {
            try (var _ = Scope.open()) {
                var columns = vector.narrow(1, from, Math.min(ROWS, vector.size(1) - from));
                square += Math.pow(of(new Gradient.Product(columns, x).whole()), 2);
            }
        }
        return Math.sqrt(square);
    }

    private static double ofSum(Gradient.Sum sum) {
        try (var _ = Scope.open()) {
            if (sum.first() instanceof Gradient.Product product && sum.second() instanceof Gradient.Whole(var rows)
                    && rows.is_sparse() && pays(product.x(), List.of(product.vector()))) {
                var square = squares(product.x(), List.of(product.vector()))[0].plus(product, rows);
                if (!square.cancelled()) {
                    return Math.sqrt(square.sum);
                }
            }
            return of(sum.whole());
        }
    }

    /// Whether the products of rows with rows cost less than the matrices do.
    private static boolean pays(Tensor x, List<Tensor> vectors) {
        long out = vectors.stream().mapToLong(v -> v.size(1)).sum();
        long rows = x.size(0);
        double columns = rows <= BAND ? rows : (rows + BAND) / 2.0; // a row's share of the bands
        return PRICE * columns * (out + x.size(1)) < (double) out * x.size(1);
    }

    /// @param diagonal what the rows give each by itself
    private record Square(double sum, double diagonal) {
        static final Square ZERO = new Square(0, 0);

        Square plus(double more, double onDiagonal) {
            return new Square(sum + more, diagonal + onDiagonal);
        }

        /// `‖A + B‖² = ‖A‖² + 2 ⟨A, B⟩ + ‖B‖²` with this `‖A‖²`, the product `A = vᵀx` and some rows `B`.
        Square plus(Gradient.Product product, Tensor rows) {
            var places = rows._indices().squeeze(0);
            var both = product.vector().index_select(1, places).mul_(product.x().mm(rows._values().t())); // [n, rows]
            double own = Math.pow(of(rows), 2);
            return plus(2 * GradientNorms.sum(wide(both).sum(1)) + own, own);
        }

        boolean cancelled() {
            return sum < CANCELLED * diagonal;
        }
    }

    /// Of the norms.
    private static Square[] squares(Tensor x, List<Tensor> vectors) {
        var squares = new Square[vectors.size()];
        java.util.Arrays.fill(squares, Square.ZERO);
        for (long from = 0; from < x.size(0); from += BAND) {
            try (var _ = Scope.open()) {
                var inputs = band(x, from);
                long rows = inputs.size(0);
                inputs.narrow(1, rows, inputs.size(1) - rows).mul_(new Scalar(2.0)); // they stand for those below, too
                for (int i = 0; i < squares.length; i++) {
                    var both = band(vectors.get(i), from).mul_(inputs);
                    squares[i] = squares[i].plus(sum(both.sum(1)), sum(both.diagonal()));
                }
            }
        }
        return squares;
    }

    /// Some rows of `m mᵀ` from their diagonal on, `[b, n − from]`.
    private static Tensor band(Tensor m, long from) {
        var rest = m.narrow(0, from, m.size(0) - from);
        return wide(rest.narrow(0, 0, Math.min(BAND, rest.size(0))).mm(rest.t()));
    }

    private static double sum(Tensor values) {
        return java.util.Arrays.stream(Tensors.toDoubles(values)).sum();
    }
}
