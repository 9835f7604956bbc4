package dev.sglp.similarity;

import dev.sglp.tensor.DType;
import dev.sglp.tensor.Device;
import dev.sglp.tensor.Scope;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/// What is subtracted from a layer's rows before they are multiplied: near their mean, so that a large common part loses no
/// digits. HSIC and distances do not depend on it.
///
/// @param row float64, `[1, d]`
record Centre(Tensor row) {
    private static final int COLUMNS = 4096; // features widened to float64 at a time

    /// The first row and the mean deviation from it: rows that are all equal give exactly themselves. The caller frees it.
    static Centre of(Tensor rows) { // [n, d]
        return new Centre(Scope.yieldOwned(() -> {
            var first = rows.narrow(0, 0, 1).to(ScalarType.Double);
            var sum = rows.sub(rows.narrow(0, 0, 1)).sum(new long[]{0}, true,
                    new ScalarTypeOptional(ScalarType.Double));
            return first.add(sum.div_(new org.bytedeco.pytorch.Scalar((double) rows.size(0))));
        }));
    }

    /// Is told some features of some rows.
    interface Wide {
        void of(Tensor x, Tensor y);
    }

    /// Inner products of every `x` with every `y` about this centre, float64 `[n, m]`, in the current scope.
    Tensor products(Tensor x, Tensor y) { // [n, d], [m, d]
        var sum = Device.of(x).zeros(DType.F64, x.size(0), y.size(0));
        pieces(x, y, (a, b) -> sum.addmm_(a, b.t()));
        return sum;
    }

    /// Squared norms about this centre, float64 `[n]`, in the current scope.
    Tensor squares(Tensor x) { // [n, d]
        var sum = Device.of(x).zeros(DType.F64, x.size(0));
        pieces(x, x, (a, _) -> sum.add_(a.mul(a).sum(1)));
        return sum;
    }

    private void pieces(Tensor x, Tensor y, Wide told) {
        for (long from = 0; from < row.size(1); from += COLUMNS) {
            long at = from;
            Scope.run(() -> {
                var a = wide(x, at);
                told.of(a, x.equals(y) ? a : wide(y, at));
            });
        }
    }

    private Tensor wide(Tensor x, long from) {
        long length = Math.min(COLUMNS, row.size(1) - from);
        return x.narrow(1, from, length).to(ScalarType.Double).sub_(row.narrow(1, from, length));
    }

    void free() {
        Scope.free(row);
    }
}
