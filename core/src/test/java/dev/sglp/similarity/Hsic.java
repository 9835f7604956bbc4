package dev.sglp.similarity;

import java.util.Arrays;

/// HSIC from its definitions, in loops over numbers.
final class Hsic {
    private Hsic() {}

    static double[][] linear(double[][] x) {
        return kernel(x, (a, b) -> {
            double sum = 0;
            for (int c = 0; c < a.length; c++) {
                sum += a[c] * b[c];
            }
            return sum;
        });
    }

    static double[][] rbf(double[][] x, double fraction) {
        var distances = kernel(x, Hsic::distance);
        var pairs = new double[x.length * (x.length - 1) / 2];
        int at = 0;
        for (int i = 0; i < x.length; i++) {
            for (int j = 0; j < i; j++) {
                pairs[at++] = distances[i][j];
            }
        }
        Arrays.sort(pairs);
        double median = (pairs[(pairs.length - 1) / 2] + pairs[pairs.length / 2]) / 2;
        double sigma = fraction * median;
        return kernel(x, (a, b) -> Math.exp(-distance(a, b) * distance(a, b) / (2 * sigma * sigma)));
    }

    private static double distance(double[] a, double[] b) {
        double sum = 0;
        for (int c = 0; c < a.length; c++) {
            sum += (a[c] - b[c]) * (a[c] - b[c]);
        }
        return Math.sqrt(sum);
    }

    private interface Kernel {
        double of(double[] a, double[] b);
    }

    private static double[][] kernel(double[][] x, Kernel kernel) {
        return Arrays.stream(x).map(a -> Arrays.stream(x).mapToDouble(b -> kernel.of(a, b)).toArray())
                .toArray(double[][]::new);
    }

    /// `tr(KHLH)` with `H = 1 − 1/n`, matrix by matrix.
    static double biased(double[][] k, double[][] l) {
        int n = k.length;
        var h = new double[n][n];
        for (int i = 0; i < n; i++) {
            Arrays.fill(h[i], -1.0 / n);
            h[i][i] += 1;
        }
        var product = times(times(k, h), times(l, h));
        double trace = 0;
        for (int i = 0; i < n; i++) {
            trace += product[i][i];
        }
        return trace;
    }

    private static double[][] times(double[][] a, double[][] b) {
        var c = new double[a.length][b[0].length];
        for (int i = 0; i < a.length; i++) {
            for (int j = 0; j < b[0].length; j++) {
                for (int m = 0; m < b.length; m++) {
                    c[i][j] += a[i][m] * b[m][j];
                }
            }
        }
        return c;
    }

    /// The U-statistic: the mean of `k(i,j) (l(i,j) + l(q,r) − 2 l(i,q))` over all ordered quadruples of different examples.
    static double unbiased(double[][] k, double[][] l) {
        int n = k.length;
        double sum = 0;
        long count = 0;
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                for (int q = 0; q < n; q++) {
                    for (int r = 0; r < n; r++) {
                        if (i != j && i != q && i != r && j != q && j != r && q != r) {
                            sum += k[i][j] * (l[i][j] + l[q][r] - 2 * l[i][q]);
                            count++;
                        }
                    }
                }
            }
        }
        return sum / count;
    }
}
