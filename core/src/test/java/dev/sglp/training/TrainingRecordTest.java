package dev.sglp.training;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sglp.training.TrainingRecord.Epoch;
import java.util.List;
import org.junit.jupiter.api.Test;

final class TrainingRecordTest {
    private static Epoch epoch(int number, double loss, double accuracy) {
        return new Epoch(number, 0.01, 1, loss, accuracy, 1);
    }

    @Test
    void theLowestLossIsTheBestEvenWhereAnotherHasMoreRight() {
        var record = new TrainingRecord(List.of(epoch(1, 0.13, 0.963), epoch(2, 0.10, 0.961), epoch(3, 0.10, 0.962)));
        assertThat(record.best().number()).isEqualTo(2);
    }

    @Test
    void theNetworkAsItCameIsTheBestWhereNothingIsBetter() {
        var came = new Epoch(0, 0, Double.NaN, 0.10, 0.962, 1);
        var worse = TrainingRecord.on("items", 2, "epoch", came).and(epoch(1, 0.10, 0.963));
        assertThat(worse.best()).isEqualTo(came);
        assertThat(worse.bestInWords())
                .isEqualTo("training made nothing better; best/ is the network as it came");
        var better = worse.and(epoch(2, 0.09, 0.95));
        assertThat(better.best().number()).isEqualTo(2);
        assertThat(better.bestInWords()).isEqualTo("epoch 2, the lowest loss on the verification data");
        assertThat(TrainingRecord.on("items", 2, "epoch", Epoch.untrained()).and(epoch(1, 0.1, 0.9)).points())
                .as("nothing to measure on").hasSize(1);
    }

    @Test
    void withoutValidationTheLastIsTheBest() {
        var record = new TrainingRecord(List.of(epoch(1, Double.NaN, Double.NaN), epoch(2, Double.NaN, Double.NaN)));
        assertThat(record.best().number()).isEqualTo(2);
    }
}
