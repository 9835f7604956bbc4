package dev.sglp.evaluation.latency;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.LongToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// On a clock that runs as the test says.
final class ShorteningTest {
    private double now;

    private long tokens(long window, int networks, double budget, LongToDoubleFunction seconds) {
        now = 0;
        return new Shortening(networks, () -> budget - now, tokens -> {
            double taken = seconds.applyAsDouble(tokens);
            now += taken;
            return taken;
        }).tokens(window);
    }

    /// Two networks, each 10 ms a token.
    @ParameterizedTest
    @CsvSource({"512, 1000, 512", "512, 60, 256", "512, 20, 64", "512, 3, 16", "512, 0.1, 16", "20, 60, 20",
            "3, 0.01, 3", "4096, 60, 256", "300, 60, 300", "4096, 1000, 4096"})
    void asManyTokensAsTheRoundsLeaveTimeFor(long window, double budget, long expected) {
        assertThat(tokens(window, 2, budget, tokens -> 0.01 * tokens)).isEqualTo(expected);
    }

    /// Sixteen tokens take as long as 512 where threads wait for each other.
    @Test
    void whatCostsTheSameIsNotShortened() {
        assertThat(tokens(512, 2, 60, tokens -> 1 + 1e-4 * tokens)).isEqualTo(512);
    }

    @Test
    void whereAWindowGrowsDearTheTriesLeaveMostOfTheTime() {
        for (double budget = 1; budget < 1000; budget *= 1.3) {
            long tokens = tokens(1 << 20, 2, budget, n -> 1e-3 * n + 1e-6 * n * n);
            assertThat(now).as("%d tokens in %f s", tokens, budget).isLessThan(0.7 * budget);
        }
    }
}
