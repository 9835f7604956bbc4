package dev.sglp.repair;

import dev.sglp.tensor.DType;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Tensors;
import java.util.Optional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/// `ΔW` that minimises `Σ ‖u ΔWᵀ − r‖² + λ g ‖ΔW‖²`, `g` the mean diagonal of `Σ uᵀu`; sums in float64, whatever the number of rows.
/// A last feature that is one everywhere is not held back. It owns its sums; close it.
final class LeastSquares implements AutoCloseable {
    private static final int TRIES = 4;
    private static final int RAISE = 10;

    private final boolean shifts;
    private final Tensor squares; // Σ uᵀu, [f, f]
    private final Tensor products; // Σ uᵀr, [f, D]
    private double energy; // Σ ‖r‖²
    private long rows;

    /// @param features   f, with that of ones
    /// @param outputs    D
    /// @param shifts     whether the last feature is one everywhere
    LeastSquares(long features, long outputs, boolean shifts) {
        this.shifts = shifts;
        squares = Scope.yieldOwned(() -> Tensors.zeros(DType.F64, features, features));
        products = Scope.yieldOwned(() -> Tensors.zeros(DType.F64, features, outputs));
    }

    /// Some hundred rows at a time: their products are float32.
    ///
    /// @param u `[n, f]`
    /// @param r `[n, D]`
    void add(Tensor u, Tensor r) {
        Scope.run(() -> {
            squares.add_(u.t().mm(u));
            products.add_(u.t().mm(r));
            energy += Tensors.toDoubles(r.square().sum(new ScalarTypeOptional(ScalarType.Double)))[0];
            rows += u.size(0);
        });
    }

    /// The sums of both.
    void add(LeastSquares other) {
        squares.add_(other.squares);
        products.add_(other.products);
        energy += other.energy;
        rows += other.rows;
    }

    double energy() {
        return energy;
    }

    /// Mean of `uᵀu`, float64, in the current scope.
    Tensor moments() {
        return squares.div(new Scalar((double) rows));
    }

    /// @param map    `ΔWᵀ`, float64 `[f, D]`, in the scope that was open
    /// @param lambda that it took
    record Solution(Tensor map, double lambda) {}

    /// Empty where even a thousand times λ leaves the sums without a Cholesky factor.
    Optional<Solution> solve(double lambda) {
        double tried = lambda;
        for (int i = 0; i < TRIES; i++, tried *= RAISE) {
            double held = tried;
            var map = Scope.yield(() -> attempt(held));
            if (Tensors.allFinite(map)) {
                return Optional.of(new Solution(map, tried));
            }
        }
        return Optional.empty();
    }

    private Tensor attempt(double lambda) {
        long free = squares.size(0) - (shifts ? 1 : 0);
        var diagonal = squares.diagonal();
        double mean = Tensors.toDoubles(diagonal.narrow(0, 0, free).mean())[0];
        var held = squares.clone();
        held.diagonal().narrow(0, 0, free).add_(new Scalar(lambda * mean));
        var factor = torch.linalg_cholesky_ex(held); // [f, f]; not a number where there is none
        double info = Tensors.toDoubles(factor.get1())[0];
        return info == 0
                ? torch.cholesky_solve(products, new Tensor(factor.get0()))
                : torch.full_like(products, new Scalar(Double.NaN));
    }

    /// `Σ ‖u ΔWᵀ − r‖²` on these rows.
    ///
    /// @param map `[f, D]`
    double error(Tensor map) {
        try (var _ = Scope.open()) {
            double own = Tensors.toDoubles(squares.mm(map).mul_(map).sum())[0];
            double cross = Tensors.toDoubles(products.mul(map).sum())[0];
            return own - 2 * cross + energy;
        }
    }

    @Override
    public void close() {
        Scope.free(squares);
        Scope.free(products);
    }
}
