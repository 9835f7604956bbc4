package dev.sglp.evaluation.latency;

import java.util.Arrays;

/// The median of independent values and an interval that holds the true one, whatever their distribution: between the k-th smallest
/// and the k-th largest, with the largest k whose confidence is enough. The true median lies below the k-th smallest of n values
/// where fewer than k are below it, with the probability of fewer than k heads in n throws of a coin (David & Nagaraja, *Order
/// Statistics*, section 7.1).
///
/// @param median     of the values
/// @param low        the k-th smallest; NaN where there are too few values
/// @param high       the k-th largest; NaN where there are too few values
/// @param confidence that the true median is in between, 0 to 1; 0 where there are too few values
/// @param count      how many values
public record MedianInterval(double median, double low, double high, double confidence, int count) {
    /// The least confidence.
    public static final double ENOUGH = 0.95;

    /// @throws IllegalArgumentException where there is no value
    public static MedianInterval of(double[] values) {
        if (values.length == 0) {
            throw new IllegalArgumentException("no values have no median");
        }
        var sorted = values.clone();
        Arrays.sort(sorted);
        int n = sorted.length;
        double median = (sorted[(n - 1) / 2] + sorted[n / 2]) / 2;
        double outside = 0; // on one side: the probability of fewer than k heads
        double heads = Math.scalb(1.0, -n); // the probability of k heads
        int k = 0;
        while (k < n / 2 && 1 - 2 * (outside + heads) >= ENOUGH) {
            outside += heads;
            heads *= (n - k) / (k + 1.0);
            k++;
        }
        return k == 0
                ? new MedianInterval(median, Double.NaN, Double.NaN, 0, n)
                : new MedianInterval(median, sorted[k - 1], sorted[n - k], 1 - 2 * outside, n);
    }

    /// Whether both ends are at most this share of the median away from it.
    public boolean within(double share) {
        return low >= (1 - share) * median && high <= (1 + share) * median;
    }

    public boolean contains(double value) {
        return !(value < low || value > high);
    }
}
