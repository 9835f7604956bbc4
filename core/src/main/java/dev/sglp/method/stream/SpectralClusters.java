package dev.sglp.method.stream;

import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Seed;
import dev.sglp.tensor.SplitMix;
import dev.sglp.tensor.Tensors;
import java.util.Arrays;

import org.bytedeco.pytorch.global.torch;

/// Spectral clustering with the symmetric normalised Laplacian (Ng, Jordan, Weiss 2001) of the affinity `(cosine + 1) / 2`: the rows
/// of its first k eigenvectors, each of length 1, by k-means, the best of ten starts.
final class SpectralClusters {
    private static final int STARTS = 10;
    private static final int ROUNDS = 100;

    private SpectralClusters() {}

    /// The cluster of each of the first `n` places, 0 to `k` − 1.
    static int[] of(double[][] cosine, int n, int k, long seed) {
        var rows = rows(cosine, n, Math.min(k, n));
        var generator = Seed.of(seed).generator("clusters");
        int[] best = new int[n];
        double least = Double.POSITIVE_INFINITY;
        for (int start = 0; start < STARTS; start++) {
            var centres = begun(rows, Math.min(k, n), generator);
            var found = settled(rows, centres);
            double inertia = inertia(rows, centres, found);
            if (inertia < least) {
                least = inertia;
                best = found;
            }
        }
        return best;
    }

    private static double[][] rows(double[][] cosine, int n, int k) {
        var degree = new double[n];
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                degree[i] += (cosine[i][j] + 1) / 2;
            }
        }
        var flat = new double[n * n];
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                flat[i * n + j] = (cosine[i][j] + 1) / 2 / Math.sqrt(degree[i] * degree[j]);
            }
        }
        try (var _ = Scope.open()) {
            var vectors = torch.linalg_eigh(Tensors.doubles(flat, n, n), "L").get1(); // [n, n], ascending
            var all = Tensors.toDoubles(vectors.narrow(1, n - k, k).contiguous());
            var rows = new double[n][k];
            for (int i = 0; i < n; i++) {
                System.arraycopy(all, i * k, rows[i], 0, k);
                double length = Math.sqrt(Arrays.stream(rows[i]).map(x -> x * x).sum());
                int row = i;
                Arrays.setAll(rows[i], j -> rows[row][j] / Math.max(length, 1e-12));
            }
            return rows;
        }
    }

    /// Each further centre is drawn by the squared distance to those there are (k-means++).
    private static double[][] begun(double[][] rows, int k, SplitMix random) {
        var centres = new double[k][];
        centres[0] = rows[random.below(rows.length)].clone();
        for (int c = 1; c < k; c++) {
            int known = c;
            var far = Arrays.stream(rows).mapToDouble(row -> nearest(row, centres, known)).toArray();
            double at = random.nextDouble() * Arrays.stream(far).sum();
            int chosen = 0;
            for (double sum = far[0]; sum < at && chosen < rows.length - 1; sum += far[chosen]) {
                chosen++;
            }
            centres[c] = rows[chosen].clone();
        }
        return centres;
    }

    private static double nearest(double[] row, double[][] centres, int known) {
        double least = Double.POSITIVE_INFINITY;
        for (int c = 0; c < known; c++) {
            least = Math.min(least, distance(row, centres[c]));
        }
        return least;
    }

    private static int[] settled(double[][] rows, double[][] centres) {
        int[] found = new int[rows.length];
        for (int round = 0; round < ROUNDS; round++) {
            int[] next = Arrays.stream(rows).mapToInt(row -> closest(row, centres)).toArray();
            if (round > 0 && Arrays.equals(next, found)) {
                return found;
            }
            found = next;
            for (int c = 0; c < centres.length; c++) {
                move(rows, found, centres, c);
            }
        }
        return found;
    }

    private static void move(double[][] rows, int[] found, double[][] centres, int c) {
        var sum = new double[centres[c].length];
        int count = 0;
        for (int i = 0; i < rows.length; i++) {
            if (found[i] == c) {
                count++;
                for (int j = 0; j < sum.length; j++) {
                    sum[j] += rows[i][j];
                }
            }
        }
        if (count > 0) {
            int members = count;
            Arrays.setAll(centres[c], j -> sum[j] / members);
        }
    }

    private static int closest(double[] row, double[][] centres) {
        int best = 0;
        for (int c = 1; c < centres.length; c++) {
            if (distance(row, centres[c]) < distance(row, centres[best])) {
                best = c;
            }
        }
        return best;
    }

    private static double inertia(double[][] rows, double[][] centres, int[] found) {
        double sum = 0;
        for (int i = 0; i < rows.length; i++) {
            sum += distance(rows[i], centres[found[i]]);
        }
        return sum;
    }

    private static double distance(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += (a[i] - b[i]) * (a[i] - b[i]);
        }
        return sum;
    }
}
