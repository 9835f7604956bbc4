package dev.sglp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sglp.data.DataRoles;
import dev.sglp.evaluation.latency.Budget;
import dev.sglp.importance.Criteria;
import dev.sglp.importance.LossWhenAbsent;
import dev.sglp.importance.ScoringTask.Calibration;
import dev.sglp.model.Layout;
import dev.sglp.model.LayerSet;
import dev.sglp.progress.Progress;
import dev.sglp.pruning.PruningPlan.Scored;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What is said of a network before anything is removed.
final class AnalysisTest {
    private static Analysis analyzed(Pico pico, long seed, long weightSeed) {
        var usual = Recipe.removing(2, Layout.MAPS);
        var compute = new Recipe.Compute(128, seed, Budget.NONE).drawing(weightSeed);
        var recipe = new Recipe(usual.cka(), usual.segments(), usual.method(), usual.criterion(), usual.target(),
                usual.kept(), usual.limits(), usual.repair(), usual.healing(), compute);
        var data = new DataRoles(pico.items(), pico.items(), pico.items(), List.of());
        return Sglp.analyze(pico.model(), data, recipe, new Stopwatch(), Progress.silent());
    }

    /// The data are given here, so that the seed draws the subsets alone that tell how stable the segments are.
    @Test
    void weightsAreDrawnByASeedOfTheirOwn() {
        try (var pico = Pico.open()) {
            var scores = analyzed(pico, 1, 2).choice().singles();
            assertThat(analyzed(pico, 9, 2).choice().singles()).isEqualTo(scores);
            assertThat(analyzed(pico, 1, 3).choice().singles()).isNotEqualTo(scores);
            assertThat(new Recipe.Compute(128, 7, Budget.NONE).weightSeed()).as("the same where nobody says")
                    .isEqualTo(7);
        }
    }

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
