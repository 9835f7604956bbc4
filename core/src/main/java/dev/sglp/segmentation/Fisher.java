package dev.sglp.segmentation;

import dev.sglp.fault.UsageException;
import dev.sglp.similarity.SimilarityMatrix;
import java.util.ArrayList;
import java.util.List;

/// Fisher's optimal segmentation of an ordered sequence of vectors into `k` runs (Fisher 1958): the smallest sum of squared
/// distances to the segments' means, exact by dynamic programming.
public final class Fisher {
    /// Two losses closer than this share of the total sum of squares count as equal; the earliest boundary wins.
    private static final double TIE = 1e-12;

    /// What of the similarity matrix describes a layer.
    public enum Features {
        /// Its row: how similar it is to every layer.
        ROWS,
        /// The mean of its row, a scalar (the form of arXiv 2406.07929).
        MEAN
    }

    private final int n;
    private final double[][] prefix; // prefix[i][j] = Σ of the Gram of the vectors over rows < i, columns < j
    private final double[] squares; // squares[i] = Σ ‖v‖² over the first i
    private final double tie;

    private Fisher(double[][] vectors) {
        n = vectors.length;
        centre(vectors);
        prefix = new double[n + 1][n + 1];
        squares = new double[n + 1];
        fill(vectors);
        tie = TIE * diameter(0, n - 1);
    }

    /// Segments of the layers by their similarity.
    ///
    /// @param k   number of segments, 1 to the number of layers
    /// @param max up to which k the loss curve is computed; at least k
    public static Segmentation of(SimilarityMatrix similarity, Features features, int k, int max) {
        return of(vectors(similarity, features), k, max);
    }

    /// The same with the number of segments found by {@link Elbow}.
    ///
    /// @param max up to which k the loss curve is computed
    public static Segmentation automatic(SimilarityMatrix similarity, Features features, int max) {
        return automatic(vectors(similarity, features), max);
    }

    private static double[][] vectors(SimilarityMatrix similarity, Features features) {
        int n = similarity.size();
        var vectors = new double[n][];
        for (int i = 0; i < n; i++) {
            var row = similarity.values().get(i).stream().mapToDouble(Double::doubleValue);
            vectors[i] = features == Features.ROWS ? row.toArray() : new double[]{row.average().orElseThrow()};
        }
        return vectors;
    }

    /// Segments of any ordered vectors of the same length; they are centred in place.
    ///
    /// @throws UsageException where k is not in 1..N
    public static Segmentation of(double[][] vectors, int k, int max) {
        check(k, vectors.length);
        return new Fisher(vectors).segment(k, Math.clamp(max, k, vectors.length));
    }

    /// The same with the number of segments found by {@link Elbow}.
    public static Segmentation automatic(double[][] vectors, int max) {
        int most = Math.clamp(max, 1, vectors.length);
        int k = Elbow.of(new Fisher(copy(vectors)).segment(1, most).losses());
        var found = of(vectors, k, most);
        return new Segmentation(found.boundaries(), found.losses(), Elbow.RULE);
    }

    private static double[][] copy(double[][] vectors) {
        return java.util.Arrays.stream(vectors).map(double[]::clone).toArray(double[][]::new);
    }

    /// Segments of equal size, the longer ones first: what is left when similarity is not used.
    ///
    /// @throws UsageException where k is not in 1..n
    public static Segmentation equal(int n, int k) {
        check(k, n);
        var boundaries = new ArrayList<>(List.of(0));
        for (int s = 0; s < k; s++) {
            boundaries.add(boundaries.getLast() + n / k + (s < n % k ? 1 : 0));
        }
        return new Segmentation(boundaries, List.of(), "equal");
    }

    private static void check(int k, int layers) {
        if (k < 1 || k > layers) {
            throw new UsageException(
                    "--segments is 1 to the number of layers, %d, got %d".formatted(layers, k));
        }
    }

    /// Subtracting the common mean changes no diameter and keeps digits.
    private static void centre(double[][] vectors) {
        for (int column = 0; column < vectors[0].length; column++) {
            double mean = 0;
            for (var v : vectors) {
                mean += v[column] / vectors.length;
            }
            for (var v : vectors) {
                v[column] -= mean;
            }
        }
    }

    private void fill(double[][] vectors) {
        for (int i = 0; i < n; i++) {
            double row = 0;
            for (int j = 0; j < n; j++) {
                row += dot(vectors[i], vectors[j]);
                prefix[i + 1][j + 1] = prefix[i][j + 1] + row;
            }
            squares[i + 1] = squares[i] + dot(vectors[i], vectors[i]);
        }
    }

    private static double dot(double[] a, double[] b) {
        double s0 = 0;
        double s1 = 0;
        double s2 = 0;
        double s3 = 0;
        int c = 0;
        for (; c + 3 < a.length; c += 4) { // four sums: additions need not wait for each other
            s0 += a[c] * b[c];
            s1 += a[c + 1] * b[c + 1];
            s2 += a[c + 2] * b[c + 2];
            s3 += a[c + 3] * b[c + 3];
        }
        for (; c < a.length; c++) {
            s0 += a[c] * b[c];
        }
        return s0 + s1 + s2 + s3;
    }

    /// `D(i, j) = Σ ‖v − mean‖²` over `i..j`, both included, clamped at 0: `Σ‖v‖² − ‖Σv‖² / m`.
    private double diameter(int i, int j) {
        double inner = prefix[j + 1][j + 1] - prefix[i][j + 1] - prefix[j + 1][i] + prefix[i][i];
        return Math.max(0, squares[j + 1] - squares[i] - inner / (j - i + 1));
    }

    /// `L(m, k) = min over j of L(j, k−1) + D(j, m−1)`, where the last segment is `[j, m)`.
    private Segmentation segment(int k, int max) {
        var losses = new ArrayList<Double>();
        var cuts = new int[max + 1][n + 1];
        var loss = new double[n + 1];
        for (int m = 1; m <= n; m++) {
            loss[m] = diameter(0, m - 1);
        }
        losses.add(loss[n]);
        for (int segments = 2; segments <= max; segments++) {
            loss = next(loss, segments, cuts[segments]);
            losses.add(loss[n]);
        }
        var boundaries = new ArrayList<>(List.of(n));
        for (int s = k, end = n; s >= 1; s--) {
            end = cuts[s][end];
            boundaries.addFirst(end);
        }
        return new Segmentation(boundaries, losses, "given");
    }

    private double[] next(double[] loss, int segments, int[] cuts) {
        var better = new double[n + 1];
        for (int m = segments; m <= n; m++) {
            better[m] = Double.POSITIVE_INFINITY;
            for (int j = segments - 1; j < m; j++) {
                double candidate = loss[j] + diameter(j, m - 1);
                if (candidate < better[m] - tie) {
                    better[m] = candidate;
                    cuts[m] = j;
                }
            }
        }
        return better;
    }
}
