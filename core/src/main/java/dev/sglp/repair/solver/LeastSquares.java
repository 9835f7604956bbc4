package dev.sglp.repair.solver;

import dev.sglp.model.repair.LastMap;
import dev.sglp.tensor.DType;
import dev.sglp.tensor.Device;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Tensors;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/// `ΔW` that minimises `Σ ‖u ΔWᵀ − r‖² + λ g ‖ΔW‖²`, `g` the mean diagonal of `Σ uᵀu`; sums in float64. A last feature that is one
/// everywhere is not held back. As long as there are fewer rows than features the rows are kept and `u uᵀ` is factored, `[n, n]`; from then on
/// `Σ uᵀu` is, `[f, f]`, whatever the number of rows. It owns its tensors; close it.
public final class LeastSquares implements AutoCloseable {
    private static final int TRIES = 4;
    private static final int RAISE = 10;
    private static final long STRIP = 512; // features

    private final long features;
    private final boolean shifts;
    private final boolean diagonal;
    private final List<Rows> kept = new ArrayList<>(); // as long as there are few
    private @Nullable Sums sums; // of all rows, from then on
    private @Nullable Factor factor; // of what is known
    private double energy; // Σ ‖r‖²
    private long rows;

    /// @param u `[n, f]`
    /// @param r `[n, D]`
    private record Rows(Tensor u, Tensor r) {
        void free() {
            Scope.free(u);
            Scope.free(r);
        }
    }

    /// @param lambda that it was made with
    /// @param lower  of `u uᵀ + λ g I`, `[n, n]`, or `Σ uᵀu + λ g I`, `[f, f]`
    private record Factor(double lambda, Tensor lower) {}

    /// @param squares  Σ uᵀu, `[f, f]`
    /// @param products Σ uᵀr, `[f, D]`
    private record Sums(Tensor squares, Tensor products) {
        static Sums zero(long features, long outputs, Device device) {
            return new Sums(Scope.yieldOwned(() -> device.zeros(DType.F64, features, features)),
                    Scope.yieldOwned(() -> device.zeros(DType.F64, features, outputs)));
        }

        void add(Rows rows) {
            Scope.run(() -> {
                addSquares(rows.u);
                products.add_(rows.u.t().mm(rows.r));
            });
        }

        /// The square is its own mirror image: of each strip of rows only what lies from the diagonal on is multiplied.
        private void addSquares(Tensor u) {
            long f = u.size(1);
            for (long from = 0; from < f; from += STRIP) {
                long width = Math.min(STRIP, f - from);
                long rest = f - from - width;
                var strip = u.narrow(1, from, width).t().mm(u.narrow(1, from, width + rest));
                squares.narrow(0, from, width).narrow(1, from, width + rest).add_(strip);
                squares.narrow(0, from + width, rest).narrow(1, from, width).add_(strip.narrow(1, width, rest).t());
            }
        }

        void free() {
            Scope.free(squares);
            Scope.free(products);
        }
    }

    /// @param features f, with that of ones
    /// @param end      whether the last feature is one everywhere, and what may change
    public LeastSquares(long features, LastMap end) {
        this(features, end.shifts(), end.freedom() == LastMap.Freedom.CHANNELS);
    }

    /// Every number of the map may change, and there is no feature of ones.
    public LeastSquares(long features) {
        this(features, false, false);
    }

    private LeastSquares(long features, boolean shifts, boolean diagonal) {
        this.features = features;
        this.shifts = shifts;
        this.diagonal = diagonal;
    }

    /// Some hundred rows at a time: their products are float32.
    ///
    /// @param u `[n, f]`
    /// @param r `[n, D]`
    public void add(Tensor u, Tensor r) {
        dropFactor();
        try (var _ = Scope.open()) {
            energy += Tensors.toDoubles(r.square().sum(new ScalarTypeOptional(ScalarType.Double)))[0];
        }
        rows += u.size(0);
        kept.add(new Rows(Scope.yieldOwned(u::contiguous), Scope.yieldOwned(r::contiguous)));
        foldWhereMany();
    }

    /// With a feature of ones, moments are asked for, which are sums over all rows.
    private void foldWhereMany() {
        if (rows >= features || shifts || diagonal) {
            kept.forEach(some -> sums(some.r).add(some));
            drop();
        }
    }

    private void drop() {
        kept.forEach(Rows::free);
        kept.clear();
    }

    private void dropFactor() {
        if (factor != null) {
            Scope.free(factor.lower);
            factor = null;
        }
    }

    private Sums sums(Tensor like) {
        var found = sums;
        if (found == null) {
            found = Sums.zero(features, like.size(1), Device.of(like));
            sums = found;
        }
        return found;
    }

    /// Takes over what another one has.
    public void add(LeastSquares other) {
        dropFactor();
        energy += other.energy;
        rows += other.rows;
        kept.addAll(other.kept);
        other.kept.clear();
        foldWhereMany();
        var theirs = other.sums;
        if (theirs != null) {
            kept.forEach(some -> theirs.add(some)); // few rows here, many there
            drop();
            var own = sums;
            if (own == null) {
                sums = theirs;
                other.sums = null;
            } else {
                own.squares.add_(theirs.squares);
                own.products.add_(theirs.products);
            }
        }
    }

    public double energy() {
        return energy;
    }

    /// Mean of `uᵀu`, float64, in the current scope.
    ///
    /// @throws IllegalStateException where no feature is one everywhere
    public Tensor moments() {
        if (sums == null || !shifts) {
            throw new IllegalStateException("moments are for maps with a constant");
        }
        return sums.squares.div(new Scalar((double) rows));
    }

    /// @param map    `ΔWᵀ`, `[f, D]`, in the scope that was open; float64 where it comes from sums
    /// @param lambda that it took
    public record Solution(Tensor map, double lambda) {}

    /// Empty where even a thousand times λ leaves the sums without a Cholesky factor.
    public Optional<Solution> solve(double lambda) {
        return solve(lambda, 0, outputs());
    }

    /// Columns of `r`.
    public long outputs() {
        return (sums == null ? kept.getFirst().r : sums.products).size(1);
    }

    /// The same for some of the columns of `r`: where several maps do not fit into memory side by side.
    public Optional<Solution> solve(double lambda, long from, long columns) {
        double tried = lambda;
        for (int i = 0; i < TRIES; i++, tried *= RAISE) {
            double held = tried;
            var found = sums;
            var map = Scope.yield(() -> found == null
                    ? fromRows(held, from, columns)
                    : fromSums(found, held, from, columns));
            if (Tensors.allFinite(map)) {
                return Optional.of(new Solution(map, tried));
            }
        }
        return Optional.empty();
    }

    private Tensor fromSums(Sums found, double lambda, long from, long columns) {
        var products = found.products.narrow(1, from, columns);
        long free = features - (shifts ? 1 : 0);
        double mean = Tensors.toDoubles(found.squares.diagonal().narrow(0, 0, free).mean())[0];
        if (diagonal) {
            return factors(found.squares, products, lambda * mean);
        }
        return solved(factor(lambda, () -> {
            var held = found.squares.clone();
            held.diagonal().narrow(0, 0, free).add_(new Scalar(lambda * mean));
            return held;
        }), products);
    }

    /// Each channel's by itself, on the diagonals of as many square matrices side by side as there are aims.
    private Tensor factors(Tensor squares, Tensor products, double held) {
        var sizes = squares.diagonal().add(new Scalar(held)); // [D]
        var all = torch.zeros_like(products); // [D, k·D]
        for (long from = 0; from < all.size(1); from += features) {
            all.narrow(1, from, features).diagonal()
                    .copy_(products.narrow(1, from, features).diagonal().div(sizes));
        }
        return all;
    }

    /// `uᵀ (u uᵀ + λ g I)⁻¹ r`: the same map.
    private Tensor fromRows(double lambda, long from, long columns) {
        var u = all(Rows::u); // [n, f]
        var dual = solved(factor(lambda, () -> held(u, lambda)),
                all(some -> some.r.narrow(1, from, columns)).to(ScalarType.Double)); // [n, D]
        return u.t().mm(dual.to(ScalarType.Float));
    }

    /// Made once for all columns.
    private Tensor factor(double lambda, Supplier<Tensor> squares) {
        var made = factor;
        if (made == null || made.lambda != lambda) {
            dropFactor();
            made = new Factor(lambda, Scope.yieldOwned(() -> lower(squares.get())));
            factor = made;
        }
        return made.lower;
    }

    private Tensor held(Tensor u, double lambda) {
        var gram = u.mm(u.t()).to(ScalarType.Double); // [n, n]
        double mean = Tensors.toDoubles(gram.diagonal().sum())[0] / features;
        gram.diagonal().add_(new Scalar(lambda * mean));
        return gram;
    }

    private Tensor all(Function<Rows, Tensor> part) {
        return kept.size() == 1
                ? part.apply(kept.getFirst())
                : torch.cat(new TensorVector(kept.stream().map(part).toArray(Tensor[]::new)), 0);
    }

    /// Cholesky's factor; not a number where there is none.
    private static Tensor lower(Tensor squares) {
        var factor = torch.linalg_cholesky_ex(squares);
        double info = Tensors.toDoubles(factor.get1())[0];
        return info == 0 ? new Tensor(factor.get0()) : torch.full_like(squares, new Scalar(Double.NaN));
    }

    private static Tensor solved(Tensor lower, Tensor products) {
        return torch.cholesky_solve(products, lower);
    }

    /// `Σ ‖u ΔWᵀ − r‖²` on these rows.
    ///
    /// @param map `[f, D]`
    public double error(Tensor map) {
        try (var _ = Scope.open()) {
            var found = sums;
            if (found == null) {
                return kept.stream().mapToDouble(some -> Tensors.toDoubles(
                        some.u.mm(map).sub_(some.r).square_().sum(new ScalarTypeOptional(ScalarType.Double)))[0])
                        .sum();
            }
            double own = Tensors.toDoubles(found.squares.mm(map).mul_(map).sum())[0];
            double cross = Tensors.toDoubles(found.products.mul(map).sum())[0];
            return own - 2 * cross + energy;
        }
    }

    @Override
    public void close() {
        drop();
        dropFactor();
        if (sums != null) {
            sums.free();
            sums = null;
        }
    }
}
