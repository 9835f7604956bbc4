package dev.sglp.repair.solver;

import dev.sglp.model.Layout;
import dev.sglp.model.repair.LastMap;
import dev.sglp.model.repair.LastMap.Run;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/// One batch of a fit, row by row: a vector of a stream is divided by its aim's root mean square, as the next layer's norm will do; places of an
/// image are not.
///
/// @param u what the last map multiplies, with a column of ones where it has a constant, `[n, f]`
/// @param y the stream it aims at, `[n, D]`
/// @param o the stream as it is, `[n, D]`
public record Aim(Tensor u, Tensor y, Tensor o) {
    private static final double LEAST_SQUARE = 1e-12;
    private static final long[] COLUMNS = {1};

    /// @param run       of the layer
    /// @param target    the sum it aims at, shaped as its own
    /// @param positions that take part
    public static Aim of(Layout layout, LastMap end, Run run, Tensor target, Tensor positions) {
        var u = end.rows(run.inner(), positions).to(ScalarType.Float);
        if (end.shifts()) {
            u = torch.cat(new TensorVector(u, torch.ones_like(u.narrow(1, 0, 1))), 1);
        }
        var y = rows(layout, target, positions);
        var o = rows(layout, run.sum(), positions);
        if (!layout.stream()) {
            return new Aim(u, y, o);
        }
        var root = root(y);
        return new Aim(u.mul(root), y.mul(root), o.mul(root));
    }

    /// Vectors of a sum at some positions, `[n, D]`.
    public static Tensor rows(Layout layout, Tensor sum, Tensor positions) {
        return layout.positions(sum).index_select(0, positions).to(ScalarType.Float);
    }

    /// One over the root mean square of each row, `[n, 1]`.
    public static Tensor root(Tensor rows) {
        return rows.square().mean(COLUMNS, true, new ScalarTypeOptional()).clamp_min_(new Scalar(LEAST_SQUARE))
                .rsqrt_();
    }
}
