package dev.sglp.importance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

final class RankCorrelationTest {
    private static double of(double[] x, double... y) {
        return RankCorrelation.of(x, y).orElseThrow();
    }

    @Test
    void theSameOrderIsOneAndTheOppositeMinusOne() {
        assertThat(of(new double[]{1, 2, 3, 4}, 10, 20, 1e6, 1e9)).isEqualTo(1);
        assertThat(of(new double[]{1, 2, 3, 4}, 3, 1, -5, -5.1)).isEqualTo(-1);
    }

    /// IQ against hours of television, the textbook example: −29/165.
    @Test
    void aTextbookExampleComesOut() {
        assertThat(of(new double[]{106, 100, 86, 101, 99, 103, 97, 113, 112, 110}, 7, 27, 2, 50, 28, 29, 20, 12, 6, 17))
                .isCloseTo(-29.0 / 165, within(1e-12));
    }

    /// Ranks 1, 2.5, 2.5, 4 against 1, 2, 3, 4: 4.5 / √(4.5 · 5).
    @Test
    void tiesGetTheirMeanRank() {
        assertThat(of(new double[]{1, 2, 2, 3}, 1, 2, 3, 4)).isCloseTo(4.5 / Math.sqrt(22.5), within(1e-12));
    }

    @Test
    void whatIsNoNumberRanksLast() {
        assertThat(of(new double[]{1, Double.NaN, 2, 3}, 1, 9, 2, 3)).isEqualTo(1);
        assertThat(of(new double[]{1, Double.NaN, 2, Double.NaN}, 1, 3, 2, 3)).isEqualTo(1);
    }

    @Test
    void withoutAnOrderThereIsNone() {
        assertThat(RankCorrelation.of(new double[0], new double[0])).isEmpty();
        assertThat(RankCorrelation.of(new double[]{1}, new double[]{2})).isEmpty();
        assertThat(RankCorrelation.of(new double[]{1, 2, 3}, new double[]{7, 7, 7})).isEmpty();
    }

    @Test
    void differentLengthsAreRefused() {
        assertThatThrownBy(() -> RankCorrelation.of(new double[2], new double[3]))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("2").hasMessageContaining("3");
    }
}
