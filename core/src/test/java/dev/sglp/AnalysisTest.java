package dev.sglp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sglp.Recipe.Look;
import dev.sglp.data.DataRoles;
import dev.sglp.evaluation.latency.Budget;
import dev.sglp.importance.Criteria;
import dev.sglp.importance.LossWhenAbsent;
import dev.sglp.importance.ScoringTask.Calibration;
import dev.sglp.model.LayerSet;
import dev.sglp.model.Layout;
import dev.sglp.progress.Progress;
import dev.sglp.pruning.PruningPlan.Scored;
import dev.sglp.pruning.Target;
import dev.sglp.report.mechanism.Critical.Rise;
import dev.sglp.report.mechanism.Interaction.Own;
import dev.sglp.report.mechanism.Mechanisms;
import dev.sglp.similarity.SimilarityMatrix;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
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

    /// Of which only the values beside the diagonal count.
    private static SimilarityMatrix neighbours(double... toPrevious) {
        int n = toPrevious.length + 1;
        return new SimilarityMatrix(IntStream.range(0, n).mapToObj(i -> IntStream.range(0, n)
                .mapToObj(j -> Math.abs(i - j) == 1 ? toPrevious[Math.max(i, j) - 1] : i == j ? 1.0 : 0.123).toList())
                .toList(), "linear", "biased", 8);
    }

    private static List<Rise> rises(double... increases) {
        return IntStream.range(0, increases.length).mapToObj(i -> new Rise(i, increases[i])).toList();
    }

    /// Ranks 4, 2.5, 2.5, 1, 5 against 2, 3, 4.5, 4.5, 1: −8.75 / 9.5. Layer 0 has the highest loss and no rank.
    @Test
    void thePremiseIsTheRankCorrelationWithTheLayerBeforeWithMeanRanksForTies() {
        var found = LossDiagnosis.premise(rises(9, .1, .2, .4, .4, .05), neighbours(.9, .8, .8, .5, .95));
        assertThat(found.spearman()).isCloseTo(-8.75 / 9.5, within(1e-12));
        assertThat(found.layers()).isEqualTo(5);
        assertThat(found.first()).isTrue();
        assertThat(found.unknown()).isEqualTo(LayerSet.EMPTY);
    }

    /// Layers 2 and 4 cannot go, layer 5 says nothing finite: 1, 3 and 6 are left, in the same order.
    @Test
    void whatCannotGoOrIsNoNumberIsNotRanked() {
        var some = List.of(new Rise(1, .1), new Rise(3, .3), new Rise(5, Double.NaN), new Rise(6, .2));
        var found = LossDiagnosis.premise(some, neighbours(.5, .1, .9, .1, .99, .7));
        assertThat(found.spearman()).isEqualTo(1);
        assertThat(found.layers()).isEqualTo(3);
        assertThat(found.first()).isFalse();
        assertThat(found.unknown()).isEqualTo(LayerSet.of(5));
        var blind = LossDiagnosis.premise(some, neighbours(.5, .1, .9, .1, .99, Double.NaN));
        assertThat(blind.unknown()).isEqualTo(LayerSet.of(5, 6));
        assertThat(blind.spearman()).as("two have an order whatever they are").isNull();
        assertThat(blind.layers()).isEqualTo(2);
    }

    @Test
    void layersThatAreEquallyAlikeHaveNoOrder() {
        assertThat(LossDiagnosis.premise(rises(9, .1, .2, .4), neighbours(.9, .9, .9)).spearman()).isNull();
    }

    private static Analysis cut(Pico pico, int remove, String criterion) {
        var usual = Recipe.removing(remove, Layout.MAPS);
        var recipe = new Recipe(usual.cka(), new Recipe.Segments(3, usual.segments().features()), usual.method(),
                Criteria.named(criterion), new Target.Count(remove), usual.kept(), usual.limits(), usual.repair(),
                usual.healing(),
                usual.compute().with(Look.NO));
        var data = new DataRoles(pico.items(), pico.items(), pico.items(), List.of());
        return Sglp.analyze(pico.model(), data, recipe, new Stopwatch(), Progress.silent());
    }

    private static double loss(Pico pico, LayerSet absent) {
        return LossWhenAbsent.standard().losses(pico.model(), List.of(absent), new Calibration(pico.items(), 128, 0),
                Progress.Silent.INSTANCE.step("", 1, ""))[0];
    }

    /// By the definition, every set measured by itself.
    @ParameterizedTest
    @ValueSource(strings = {"loss", "gradnorm"})
    void theInteractionIsWhatTheSegmentsAloneDoNotExplain(String criterion) {
        try (var pico = Pico.open()) {
            var analysis = cut(pico, 3, criterion);
            var found = Objects.requireNonNull(Objects.requireNonNull(analysis.mechanisms()).interaction());
            var removed = analysis.choice().removed();
            var given = analysis.segmentation().segments().stream()
                    .map(s -> new LayerSet(removed.indices().stream().filter(s::contains).toList()))
                    .filter(s -> s.size() > 0).toList();
            assertThat(given).hasSizeGreaterThan(1);
            assertThat(found.segments()).extracting(Own::layers).containsExactlyElementsOf(given);
            double dense = loss(pico, LayerSet.EMPTY);
            double sum = given.stream().mapToDouble(s -> loss(pico, s) - dense).sum();
            assertThat(found.jointIncrease()).isCloseTo(loss(pico, removed) - dense, within(1e-6));
            assertThat(found.excess()).isCloseTo(loss(pico, removed) - dense - sum, within(1e-6));
        }
    }

    @Test
    void whereNothingGoesOnlyThePremiseIsTold() {
        try (var pico = Pico.open()) {
            var found = Objects.requireNonNull(cut(pico, 0, "block-influence").mechanisms());
            assertThat(found).extracting(Mechanisms::interaction, Mechanisms::critical).containsOnlyNulls();
            assertThat(found.premise().layers() + (found.premise().first() ? 1 : 0))
                    .isEqualTo(pico.model().removable().size());
        }
    }
}
