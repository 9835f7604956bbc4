package dev.sglp.importance;

import java.util.Arrays;
import java.util.OptionalDouble;
import java.util.stream.IntStream;

/// Spearman's rank correlation, with the mean rank for ties; what is no number ranks above all numbers.
public final class RankCorrelation {
    private RankCorrelation() {}

    /// In [−1, 1]; empty for fewer than two values or where all values of a side are equal.
    public static OptionalDouble of(double[] x, double[] y) {
        if (x.length != y.length) {
            throw new IllegalArgumentException("%d values cannot be ranked against %d".formatted(x.length, y.length));
        }
        double[] a = ranks(x);
        double[] b = ranks(y);
        double mean = (x.length + 1) / 2.0;
        double xy = 0;
        double xx = 0;
        double yy = 0;
        for (int i = 0; i < a.length; i++) {
            xy += (a[i] - mean) * (b[i] - mean);
            xx += (a[i] - mean) * (a[i] - mean);
            yy += (b[i] - mean) * (b[i] - mean);
        }
        return xx > 0 && yy > 0 ? OptionalDouble.of(xy / Math.sqrt(xx * yy)) : OptionalDouble.empty();
    }

    private static double[] ranks(double[] given) {
        var values = Arrays.stream(given).map(v -> Double.isNaN(v) ? Double.POSITIVE_INFINITY : v).toArray();
        return IntStream.range(0, values.length).mapToDouble(i -> {
            long below = Arrays.stream(values).filter(v -> v < values[i]).count();
            long equal = Arrays.stream(values).filter(v -> v == values[i]).count();
            return below + (equal + 1) / 2.0;
        }).toArray();
    }
}
