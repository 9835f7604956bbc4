package dev.sglp.similarity;

import java.util.List;

/// Similarity between the outputs of `N` layers on the same examples.
///
/// @param values    `N × N`, symmetric, 1 on the diagonal; in [0, 1] for the biased estimator
/// @param kernel    `linear` or `rbf`
/// @param estimator `biased`, `unbiased`, `minibatch` or `averaged`
/// @param examples  number of calibration examples it was computed from
public record SimilarityMatrix(List<List<Double>> values, String kernel, String estimator, int examples) {
    public SimilarityMatrix {
        values = values.stream().map(List::copyOf).toList();
        for (var row : values) {
            if (row.size() != values.size()) {
                throw new IllegalArgumentException(
                        "a similarity matrix is square, got a row of %d in a matrix of %d rows".formatted(row.size(),
                                values.size()));
            }
        }
    }

    public int size() {
        return values.size();
    }

    public double get(int i, int j) {
        return values.get(i).get(j);
    }
}
