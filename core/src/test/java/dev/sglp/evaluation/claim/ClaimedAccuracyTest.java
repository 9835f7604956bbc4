package dev.sglp.evaluation.claim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sglp.evaluation.Evaluation;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ClaimedAccuracyTest {
    private static Evaluation measured(double accuracy, int n) {
        return new Evaluation(n, (int) Math.round(accuracy * n), accuracy, 1, 0.5, null, null, 1, 1, 1, null, null, 0);
    }

    private static Optional<ClaimedAccuracy> claim(String key, String value) {
        return ClaimedAccuracy.of(Map.of(key, value), measured(0.93, 10_000));
    }

    @ParameterizedTest
    @CsvSource({"best_prec1, 93.62, 0.9362", "best_acc1, 0.9362, 0.9362", "best_acc, 93.62, 0.9362",
            "best_accuracy, 93, 0.93", "acc, 91.5, 0.915", "Best_Prec@1, 76.1, 0.761", "val_acc, 0.5, 0.5",
            "best_val_accuracy, 1.0, 1.0", "best-top1, 70, 0.7", "test_acc, 1e1, 0.1"})
    void itsNameIsKnownAndItIsPercentOrAFraction(String key, String value, double accuracy) {
        assertThat(claim(key, value)).get().satisfies(found -> {
            assertThat(found.key()).isEqualTo(key);
            assertThat(found.accuracy()).isCloseTo(accuracy, within(1e-12));
        });
    }

    @ParameterizedTest
    @CsvSource({"best_acc5, 99", "train_acc, 99", "best_prec5, 99", "epoch, 90", "best_loss, 0.3", "best_prec1, 0",
            "best_prec1, -1", "best_prec1, 101", "best_prec1, NaN", "best_prec1, Infinity", "acc, high", "topology, 1"})
    void whatIsNoTopOneAccuracyIsNone(String key, String value) {
        assertThat(claim(key, value)).isEmpty();
    }

    @Test
    void theBestIsTakenBeforeTheLast() {
        var metadata = new LinkedHashMap<>(Map.of("acc", "90.1"));
        metadata.put("best_acc", "93.4");
        assertThat(ClaimedAccuracy.of(metadata, measured(0.93, 100)).orElseThrow().key()).isEqualTo("best_acc");
    }

    /// Wilson's interval of 930 right of 1,000, by its formula: 0.91250 to 0.94423.
    @Test
    void aGapBeyondTheIntervalIsSaidWithWhatToCheck() {
        assertThat(ClaimedAccuracy.of(Map.of("best_prec1", "94.4"), measured(0.93, 1000)).orElseThrow())
                .satisfies(c -> {
                    assertThat(c.agrees()).isTrue();
                    assertThat(c.warning()).isEmpty();
                });
        assertThat(ClaimedAccuracy.of(Map.of("best_prec1", "94.5"), measured(0.93, 1000)).orElseThrow().warning()).get()
                .asString()
                .startsWith(
                        "The checkpoint says 94.50 % (best_prec1), measured were 93.00 % (95 % interval: 91.25 to 94.42 %).")
                .contains("normalisation (--normalise", "compressed", "order of the classes");
        assertThat(ClaimedAccuracy.of(Map.of("acc", "80"), measured(0.93, 1000)).orElseThrow().warning()).get()
                .asString().contains("trained on these images").doesNotContain("--normalise");
    }

    @Test
    void aTextHasNoAccuracyToCompare() {
        var text = new Evaluation(10, 5, 0.5, 1, 0.5, 1.6, null, 1, 1, 1, null, null, 0);
        assertThat(ClaimedAccuracy.of(Map.of("best_acc", "50"), text)).isEmpty();
    }
}
