package dev.sglp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sglp.data.DataRoles;
import dev.sglp.importance.Criteria;
import dev.sglp.importance.LossWhenAbsent;
import dev.sglp.importance.ScoringTask.Calibration;
import dev.sglp.model.Layout;
import dev.sglp.model.LayerSet;
import dev.sglp.progress.Progress;
import dev.sglp.pruning.PruningPlan.Scored;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What is said of a network before anything is removed.
final class AnalysisTest {
    /// Whether or not the criterion is the loss itself, which is then not measured a second time.
    @ParameterizedTest
    @ValueSource(strings = {"loss", "block-influence", "gradnorm"})
    void theLossWithoutEachLayerIsToldWhateverTheCriterion(String criterion) {
        try (var pico = Pico.open()) {
            var recipe = Recipe.removing(2, Layout.MAPS).with(Criteria.named(criterion));
            var data = new DataRoles(pico.items(), pico.items(), pico.items(), List.of());
            var analysis = Sglp.analyze(pico.model(), data, recipe, new Stopwatch(), Progress.silent());
            var sets = Stream.concat(Stream.of(LayerSet.EMPTY),
                    analysis.choice().singles().stream().map(Scored::layers)).toList();
            var losses = LossWhenAbsent.standard().losses(pico.model(), sets, new Calibration(pico.items(), 128, 0),
                    Progress.Silent.INSTANCE.step("", 1, ""));
            assertThat(sets).hasSize(1 + pico.model().removable().size());
            assertThat(analysis.denseLoss()).isEqualTo(losses[0]);
            assertThat(analysis.lossWhenAbsent()).hasSize(losses.length - 1);
            for (int i = 1; i < losses.length; i++) {
                assertThat(analysis.lossWhenAbsent().get(i - 1)).isEqualTo(losses[i]);
            }
        }
    }
}
