package dev.sglp.importance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.sglp.Oracle;
import dev.sglp.Pico;
import dev.sglp.TinyNetwork;
import dev.sglp.importance.Criterion.Score;
import dev.sglp.importance.GradNorm.Absence;
import dev.sglp.importance.GradNorm.Norm;
import dev.sglp.importance.GradNorm.Range;
import dev.sglp.importance.GradNorm.Reading;
import dev.sglp.importance.ScoringTask.Calibration;
import dev.sglp.model.LayerSet;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.Pass;
import dev.sglp.progress.Progress;
import dev.sglp.segmentation.Segmentation.Segment;
import dev.sglp.tensor.Autograd;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Seed;
import dev.sglp.tensor.Tensors;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// GradNorm where no fixture is needed; PicoTest and RealModelTest hold the values against PyTorch's.
final class GradNormTest {
    private static final List<LayerSet> CANDIDATES = List.of(LayerSet.of(0), LayerSet.of(1), LayerSet.of(0, 1),
            LayerSet.of(3), LayerSet.of(1, 3));
    private Pico pico;

    @BeforeEach
    void open() {
        pico = Pico.open();
    }

    @AfterEach
    void close() {
        pico.close();
    }

    private List<Score> scores(GradNorm criterion, int batchSize) {
        return criterion.scores(new ScoringTask(pico.model(), new Segment(0, 4), CANDIDATES,
                new Calibration(pico.items(), batchSize, 5), Progress.Silent.INSTANCE));
    }

    private static GradNorm reinit(Reading reading, Norm norm, Range range, int draws) {
        return new GradNorm(Absence.REINIT, reading, norm, range, draws);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 4, 5})
    void severalBatchesAreOneBatchWhereLayersAreLeftOut(int batchSize) {
        var whole = scores(GradNorm.skipping(), 8);
        var pieces = scores(GradNorm.skipping(), batchSize);
        for (int i = 0; i < CANDIDATES.size(); i++) {
            assertThat(pieces.get(i).value()).isCloseTo(whole.get(i).value(),
                    within(1e-5 * whole.get(i).value()));
        }
    }

    /// `(d₀ + d₁) / 2` and `|d₀ − d₁| / √2`.
    @Test
    void drawsAreAveragedAndTheirSpreadIsTold() {
        var one = scores(GradNorm.standard(), 8);
        var two = scores(reinit(Reading.ABSENT, Norm.SUM, Range.ALL, 2), 8);
        for (int i = 0; i < CANDIDATES.size(); i++) {
            double first = one.get(i).value();
            double second = 2 * two.get(i).value() - first;
            assertThat(second).isNotCloseTo(first, within(1e-5 * first));
            assertThat(two.get(i).spread()).isCloseTo(Math.abs(first - second) / Math.sqrt(2), within(1e-9 * first));
        }
    }

    @Test
    void theOtherReadingTurnsTheOrderRound() {
        var absent = scores(GradNorm.standard(), 8);
        var kept = scores(reinit(Reading.KEPT, Norm.SUM, Range.ALL, 1), 8);
        assertThat(kept).extracting(Score::value)
                .containsExactlyElementsOf(absent.stream().map(s -> -s.value()).toList());
    }

    @Test
    void oneNormOfAllIsAtMostTheirSumAndTheSegmentsAtMostTheWholes() {
        var sum = scores(GradNorm.standard(), 8);
        var global = scores(reinit(Reading.ABSENT, Norm.GLOBAL, Range.ALL, 1), 8);
        var segment = scores(reinit(Reading.ABSENT, Norm.SUM, Range.SEGMENT, 1), 8);
        for (int i = 0; i < CANDIDATES.size(); i++) {
            assertThat(global.get(i).value()).isPositive().isLessThan(sum.get(i).value());
            assertThat(segment.get(i).value()).isPositive().isLessThan(sum.get(i).value());
        }
    }

    /// A tensor that two layers share counts once, on its summed gradient. libtorch's own backward says what that is.
    @ParameterizedTest
    @EnumSource(Norm.class)
    void aTiedTensorCountsOnce(Norm norm) {
        try (var _ = Scope.open()) {
            var shared = Seed.of(1).normal("shared", 0.5, 5, 5);
            var model = TinyNetwork.of(List.of(shared, shared, Seed.of(2).normal("last", 0.5, 5, 5)));
            var data = new Oracle.Items(Seed.of(3).normal("x", 1, 6, 5), Tensors.longs(new long[]{0, 1, 2, 3, 4, 0}),
                    List.of("a", "b", "c", "d", "e"));
            double expected = autograd(model, data, norm);
            for (int batchSize : new int[]{6, 4}) {
                var task = new ScoringTask(model, new Segment(2, 3), List.of(LayerSet.of(2)),
                        new Calibration(data, batchSize, 9), Progress.Silent.INSTANCE);
                double got = reinit(Reading.ABSENT, norm, Range.ALL, 1).scores(task).getFirst().value();
                assertThat(got).isCloseTo(expected, within(1e-5 * expected));
            }
        }
    }

    private static double autograd(LayeredModel model, Oracle.Items data, Norm norm) {
        var last = model.layers().get(2).reinitialised(Seed.of(9));
        var changed = new LayeredModel("tiny", model.stem(),
                List.of(model.layers().get(0), model.layers().get(1), last), model.head(), model.objective(),
                model.layout());
        var parameters = changed.parameters().values().stream().toList(); // the shared one and the last
        return Autograd.recording(true, () -> {
            parameters.forEach(p -> p.set_requires_grad(true));
            changed.objective().loss(changed.forward(data.inputs(), Pass.evaluation()), data.targets()).backward();
            var norms = parameters.stream().mapToDouble(p -> Tensors.toDoubles(p.grad().norm())[0]).toArray();
            assertThat(norms).hasSize(2);
            return norm == Norm.SUM ? norms[0] + norms[1] : Math.hypot(norms[0], norms[1]);
        });
    }

    /// A layer that stays whatever is removed is counted, as if it lay outside the segment.
    @Test
    void layersThatStayAreCounted() {
        var data = new Calibration(pico.items(), 8, 5);
        var candidate = List.of(LayerSet.of(0));
        var alone = new ScoringTask(pico.model(), new Segment(0, 1), candidate, data, Progress.Silent.INSTANCE);
        var kept = new ScoringTask(pico.model(), new Segment(0, 4), LayerSet.of(1, 2, 3), candidate, data,
                Progress.Silent.INSTANCE, data.meter(pico.model()));
        var contested = new ScoringTask(pico.model(), new Segment(0, 4), candidate, data, Progress.Silent.INSTANCE);
        var skipping = GradNorm.skipping();
        assertThat(skipping.scores(kept)).isEqualTo(skipping.scores(alone));
        assertThat(skipping.scores(contested).getFirst().value())
                .isLessThan(skipping.scores(alone).getFirst().value());
        assertThatThrownBy(() -> new ScoringTask(pico.model(), new Segment(0, 4), LayerSet.of(0), candidate, data,
                Progress.Silent.INSTANCE, data.meter(pico.model()))).hasMessageContaining("stay");
    }

    @Test
    void settingsThatMeanNothingNameTheirFlag() {
        assertThatThrownBy(() -> reinit(Reading.ABSENT, Norm.SUM, Range.ALL, 0)).hasMessageContaining("--draws");
        assertThatThrownBy(() -> new GradNorm(Absence.IDENTITY, Reading.ABSENT, Norm.SUM, Range.ALL, 2))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("--draws");
        assertThatThrownBy(() -> new GradNorm(Absence.IDENTITY, Reading.ABSENT, Norm.SUM, Range.SEGMENT, 1))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("--scope");
    }
}
