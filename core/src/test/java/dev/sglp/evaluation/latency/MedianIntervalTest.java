package dev.sglp.evaluation.latency;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class MedianIntervalTest {
    private static MedianInterval upTo(int n) {
        return MedianInterval.of(IntStream.rangeClosed(1, n).mapToDouble(i -> i).toArray());
    }

    /// Each value lies above or below the true median by a throw of a coin: all 2ⁿ cases are counted. Of n values of which
    /// `below` lie below it the median is between the k-th smallest and the k-th largest where k ≤ below ≤ n − k.
    private static double coverage(int n, int k) {
        long held = 0;
        for (int sides = 0; sides < 1 << n; sides++) {
            int below = Integer.bitCount(sides);
            held += below >= k && n - below >= k ? 1 : 0;
        }
        return (double) held / (1 << n);
    }

    @ParameterizedTest
    @ValueSource(ints = {6, 7, 8, 9, 10, 11, 12, 13, 15, 17, 20})
    void theIntervalIsTheNarrowestThatHoldsTheMedianInEnoughCases(int n) {
        var found = upTo(n);
        int k = (int) found.low();
        assertThat(found.high()).isEqualTo(n + 1 - k);
        assertThat(found.confidence()).isCloseTo(coverage(n, k), within(1e-12)).isGreaterThanOrEqualTo(0.95);
        assertThat(coverage(n, k + 1)).isLessThan(0.95);
    }

    /// Five values are all above the true median in one of 32 cases, and all below it in another.
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 5})
    void fewValuesHaveNoInterval(int n) {
        assertThat(coverage(n, 1)).isLessThan(0.95);
        var found = upTo(n);
        assertThat(found.low()).isNaN();
        assertThat(found.confidence()).isZero();
        assertThat(found.within(0.5)).isFalse();
        assertThat(found.contains(1e9)).as("nothing is ruled out").isTrue();
    }

    /// From the table A3 of Conover's *Practical Nonparametric Statistics*: the ranks for 95 %.
    @ParameterizedTest
    @CsvSource({"20, 6, 0.9586", "30, 10, 0.9572", "1000, 469, 0.95"})
    void manyValuesHaveTheRanksOfTheTables(int n, int k, double confidence) {
        assertThat(upTo(n).low()).isEqualTo(k);
        assertThat(upTo(n).confidence()).isCloseTo(confidence, within(0.005)).isGreaterThanOrEqualTo(0.95);
    }

    @Test
    void theMedianOfAnEvenNumberIsInTheMiddle() {
        assertThat(MedianInterval.of(new double[]{9, 1, 4, 2}).median()).isEqualTo(3);
        assertThat(MedianInterval.of(new double[]{9, 1, 4}).median()).isEqualTo(4);
        assertThatThrownBy(() -> MedianInterval.of(new double[0])).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void narrowIsMeasuredFromTheMedian() {
        var found = new MedianInterval(1.0, 0.97, 1.03, 0.96, 10);
        assertThat(found.within(0.0301)).isTrue();
        assertThat(found.within(0.0299)).isFalse();
        assertThat(found.contains(1.03)).isTrue();
        assertThat(found.contains(1.031)).isFalse();
    }
}
