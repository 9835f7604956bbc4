package dev.sglp.similarity;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/// A rectangle of every layer's Gram matrix, rows about a common centre; float64.
///
/// @param grams       `[N, r, c]`
/// @param from        its first row's example
/// @param to          its first column's example; at least `from`, and equal only where rows and columns are the same
/// @param rowSquares  squared norms of the rows' examples, `[N, r]`
/// @param colSquares  squared norms of the columns' examples, `[N, c]`
record Tile(Tensor grams, int from, int to, Tensor rowSquares, Tensor colSquares) {
    int rows() {
        return Math.toIntExact(grams.size(1));
    }

    int columns() {
        return Math.toIntExact(grams.size(2));
    }

    /// Whether it lies on the diagonal: else it stands for its mirror image too.
    boolean diagonal() {
        return from == to;
    }

    /// Squared distances between examples, `[N, r, c]`, at least 0.
    Tensor squaredDistances() {
        return rowSquares.unsqueeze(2).add(colSquares.unsqueeze(1)).sub_(grams.mul(new Scalar(2.0)))
                .clamp_min_(new Scalar(0.0));
    }

    /// The same examples compared otherwise.
    Tile with(Tensor kernel) {
        return new Tile(kernel, from, to, rowSquares, colSquares);
    }
}
