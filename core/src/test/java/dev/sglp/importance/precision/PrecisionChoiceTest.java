package dev.sglp.importance.precision;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sglp.Pico;
import dev.sglp.importance.Criterion;
import dev.sglp.importance.GradNorm;
import dev.sglp.importance.Magnitude;
import dev.sglp.importance.ScoringTask;
import dev.sglp.importance.ScoringTask.Calibration;
import dev.sglp.importance.precision.PrecisionChoice;
import dev.sglp.importance.precision.PrecisionChoice.Wish;
import dev.sglp.model.LayerSet;
import dev.sglp.model.Pass.Precision;
import dev.sglp.progress.Progress;
import dev.sglp.segmentation.Segmentation.Segment;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What `--dtype` leads to.
final class PrecisionChoiceTest {
    private static double[] scores(Pico pico, GradNorm criterion, Precision precision) {
        var sets = List.of(0, 1, 3, 5).stream().map(LayerSet::of).toList();
        return criterion.in(precision).scores(new ScoringTask(pico.model(), new Segment(0, 6), sets,
                new Calibration(pico.items(), 8, 5), Progress.Silent.INSTANCE)).stream()
                .mapToDouble(Criterion.Score::value).toArray();
    }

    @ParameterizedTest
    @EnumSource(GradNorm.Absence.class)
    void bfloat16RanksThePicoNetworkAsFloat32Does(GradNorm.Absence absence) {
        var criterion = absence == GradNorm.Absence.REINIT ? GradNorm.standard() : GradNorm.skipping();
        try (var pico = Pico.open()) {
            var exact = scores(pico, criterion, Precision.FLOAT32);
            var rough = scores(pico, criterion, Precision.BFLOAT16);
            assertThat(rough).isNotEqualTo(exact);
            assertThat(PrecisionChoice.sameOrder(exact, rough)).as("%s %s", exact, rough).isTrue();
            for (int i = 0; i < exact.length; i++) {
                assertThat(rough[i] / exact[i]).isBetween(0.95, 1.05);
            }
        }
    }

    @Test
    void anOrderIsTheSameWhereOnlyTiesChangePlaces() {
        double[] exact = {1, 1.01, 2};
        assertThat(PrecisionChoice.sameOrder(exact, new double[]{1.01, 1, 2})).isTrue();
        assertThat(PrecisionChoice.sameOrder(exact, new double[]{1, 2, 1.5})).isFalse();
        assertThat(PrecisionChoice.sameOrder(exact, new double[]{1, 1.01, 1.01})).as("no longer told apart").isFalse();
        assertThat(PrecisionChoice.sameOrder(exact, new double[]{1, Double.NaN, 2})).isFalse();
        assertThat(PrecisionChoice.sameOrder(new double[]{-1, -2}, new double[]{-2, -1})).isFalse();
    }

    @Test
    void autoSaysWhatItTookAndWhy() {
        try (var pico = Pico.open()) {
            var data = new Calibration(pico.items(), 8, 0);
            var found = PrecisionChoice.of(Wish.AUTO, GradNorm.standard(), pico.model(), data);
            assertThat(found.why()).startsWith("Scored in " + (found.precision() == Precision.BFLOAT16 ? "bf" : "f"));
            assertThat(PrecisionChoice.of(Wish.FLOAT32, GradNorm.standard(), pico.model(), data))
                    .isEqualTo(new PrecisionChoice(Precision.FLOAT32, ""));
            assertThat(PrecisionChoice.of(Wish.BFLOAT16, GradNorm.standard(), pico.model(), data).precision())
                    .isEqualTo(Precision.BFLOAT16);
            assertThat(PrecisionChoice.of(Wish.AUTO, new Magnitude(), pico.model(), data).why())
                    .contains("criterion 'magnitude' knows no other precision");
        }
    }

    @Test
    void theSampleReachesFromTheFirstToTheLast() {
        assertThat(PrecisionChoice.sample(List.of(2, 3, 5, 7, 11, 13, 17))).containsExactly(2, 5, 11, 17);
        assertThat(PrecisionChoice.sample(List.of(4))).containsExactly(4);
        assertThat(PrecisionChoice.sample(List.of(4, 9))).containsExactly(4, 9);
    }
}
