package dev.sglp.model.vision;

import dev.sglp.tensor.Device;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/// Learned positions: a row for each token that has one, then a row for each patch.
///
/// @param name  of the table in the checkpoint
/// @param table `[1, P + N, D]` or `[P + N, D]`
/// @param grid  the patches the table was made for
/// @param shown the patches of the images that are looked at
/// @param kernel how the table becomes one of another grid
public record Positions(String name, Tensor table, Grid grid, Grid shown, Kernel kernel) {
    /// Patches of an image.
    ///
    /// @param rows    from top to bottom
    /// @param columns from left to right
    public record Grid(int rows, int columns) {
        public int patches() {
            return rows * columns;
        }
    }

    /// How a table of positions is resized.
    public enum Kernel {
        /// Cubic.
        CUBIC,
        /// Cubic, as wide as the reduction.
        CUBIC_ANTIALIASED
    }

    /// The rows for the images that are looked at, `[1, P + n, D]` or as the table is.
    Tensor rows() {
        if (grid.equals(shown)) {
            return table;
        }
        var all = table.view(1, -1, table.size(-1));
        long ahead = all.size(1) - grid.patches();
        var planes = all.narrow(1, ahead, grid.patches()).view(grid.rows, grid.columns, -1).permute(2, 0, 1);
        var resized = matrix(grid.rows, shown.rows).matmul(planes).matmul(matrix(grid.columns, shown.columns).t());
        var patches = resized.permute(1, 2, 0).reshape(1, shown.patches(), -1);
        return torch.cat(new TensorVector(all.narrow(1, 0, ahead), patches), 1);
    }

    private Tensor matrix(int from, int to) {
        var weights = switch (kernel) {
            case CUBIC -> Cubic.weights(from, to);
            case CUBIC_ANTIALIASED -> Cubic.antialiased(from, to);
        };
        return Device.of(table).floats(weights, to, from).to(table);
    }

    Positions on(Tensor other) {
        return new Positions(name, other, grid, shown, kernel);
    }

    Positions mapped(UnaryOperator<Tensor> other) {
        return on(other.apply(table));
    }
}
