package dev.sglp.training.descent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.sglp.training.TrainingSettings;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ScheduleTest {
    @Test
    void theCosineIsHalfwayDownInTheMiddle() {
        var schedule = Schedule.cosine(0.4, 0);
        assertThat(schedule.at(0, 100)).isEqualTo(0.4);
        assertThat(schedule.at(50, 100)).isCloseTo(0.2, within(1e-12));
        assertThat(schedule.at(99, 100)).isBetween(0.0, 0.001);
    }

    @Test
    void theWarmUpRisesInAStraightLineToThePeak() {
        var schedule = Schedule.cosine(0.4, 3);
        assertThat(List.of(schedule.at(0, 100), schedule.at(1, 100), schedule.at(2, 100), schedule.at(3, 100)))
                .containsExactly(0.1, 0.2, 0.4 * 3 / 4, 0.4);
    }

    @Test
    void stepsMultiplyTheRate() {
        var schedule = new Schedule(1, 0, new Schedule.Steps(List.of(0.5, 0.75), 0.1));
        assertThat(schedule.at(49, 100)).isEqualTo(1);
        assertThat(schedule.at(50, 100)).isEqualTo(0.1);
        assertThat(schedule.at(75, 100)).isCloseTo(0.01, within(1e-15));
    }

    @Test
    void aWrongSettingIsRefusedByItsFlag() {
        assertThatThrownBy(() -> Schedule.cosine(0, 0)).hasMessageContaining("--learning-rate");
        assertThatThrownBy(() -> Schedule.cosine(1, -1)).hasMessageContaining("--warm-up");
        assertThatThrownBy(() -> new TrainingSettings(0, 1, Optimizer.Sgd.standard(), Schedule.cosine(1, 0),
                TrainingSettings.Regularisation.none(), 0)).hasMessageContaining("--epochs");
    }
}
