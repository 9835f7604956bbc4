package dev.sglp.similarity;

import dev.sglp.tensor.DType;
import dev.sglp.tensor.Device;
import dev.sglp.tensor.Scope;
import java.util.List;
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
        void of(Tensor x, long from);
    }

    /// Inner products of every `x` with the rows of each `y` about this centre.
    ///
    /// @param x  `[n, d]`
    /// @param ys `[m, d]` each
    /// @param to of each `y` float64 `[n, m]`
    void products(Tensor x, List<Tensor> ys, List<Tensor> to) {
        Scope.run(() -> {
            var sums = ys.stream().map(y -> Device.of(x).zeros(DType.F64, x.size(0), y.size(0))).toList();
            widened(x, (a, from) -> {
                for (int i = 0; i < ys.size(); i++) {
                    int at = i;
                    Scope.run(() -> sums.get(at).addmm_(a, wide(ys.get(at), from).t()));
                }
            });
            for (int i = 0; i < ys.size(); i++) {
                to.get(i).copy_(sums.get(i));
            }
        });
    }

    /// Squared norms about this centre, float64 `[n]`, in the current scope.
    Tensor squares(Tensor x) { // [n, d]
        var sum = Device.of(x).zeros(DType.F64, x.size(0));
        widened(x, (a, _) -> sum.add_(a.mul(a).sum(1)));
        return sum;
    }

    private void widened(Tensor x, Wide told) {
        for (long from = 0; from < row.size(1); from += COLUMNS) {
            long at = from;
            Scope.run(() -> told.of(wide(x, at), at));
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
