package dev.sglp.evaluation;

import static org.assertj.core.api.Assertions.assertThat;

import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class AccuracyIntervalTest {
    private static final Offset<Double> CLOSE = Offset.offset(5e-4);

    /// `statsmodels.stats.proportion.proportion_confint(count, nobs, method='wilson')`
    @Test
    void wilsonsFigures() {
        var some = AccuracyInterval.of(0.9, 1000);
        assertThat(some.low()).isCloseTo(0.8799, CLOSE);
        assertThat(some.high()).isCloseTo(0.9171, CLOSE);
        assertThat(some.halfWidth()).isCloseTo(0.0186, CLOSE);
        var all = AccuracyInterval.of(1, 10);
        assertThat(all.low()).isCloseTo(0.7225, CLOSE);
        assertThat(all.high()).isCloseTo(1, CLOSE);
    }
}
