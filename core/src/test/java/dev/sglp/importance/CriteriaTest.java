package dev.sglp.importance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.sglp.Pico;
import dev.sglp.importance.Criterion.Score;
import dev.sglp.importance.ScoringTask.Calibration;
import dev.sglp.model.LayerSet;
import dev.sglp.progress.Progress;
import dev.sglp.segmentation.Segmentation.Segment;
import dev.sglp.tensor.Autograd;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What every criterion of the list keeps to.
final class CriteriaTest {
    private static final Segment WHOLE = new Segment(0, 6);
    private static final List<LayerSet> CANDIDATES = List.of(LayerSet.of(5), LayerSet.of(0), LayerSet.of(0, 3),
            LayerSet.of(1), LayerSet.of(0, 1), LayerSet.of(3, 5), LayerSet.of(0, 1, 3, 5));
    private Pico pico;

    @BeforeEach
    void open() {
        pico = Pico.open();
    }

    @AfterEach
    void close() {
        pico.close();
    }

    static List<Criterion> all() {
        return Criteria.all();
    }

    private List<Score> scores(Criterion criterion, List<LayerSet> candidates, long seed) {
        return criterion.scores(new ScoringTask(pico.model(), WHOLE, candidates, new Calibration(pico.items(), 8, seed),
                Progress.Silent.INSTANCE));
    }

    private List<Score> scores(Criterion criterion) {
        return scores(criterion, CANDIDATES, 1);
    }

    private static void assertSame(List<Score> got, List<Score> expected) {
        assertThat(got).hasSameSizeAs(expected);
        for (int i = 0; i < got.size(); i++) {
            double value = expected.get(i).value();
            assertThat(got.get(i).value()).isCloseTo(value, within(1e-5 * Math.abs(value)));
        }
    }

    @ParameterizedTest
    @MethodSource("all")
    void everyCandidateHasAFiniteScore(Criterion criterion) {
        assertThat(scores(criterion)).hasSameSizeAs(CANDIDATES).allMatch(s -> Double.isFinite(s.value()))
                .allMatch(s -> s.spread() == 0);
        assertThat(scores(criterion)).extracting(Score::value).doesNotHaveDuplicates();
    }

    @ParameterizedTest
    @MethodSource("all")
    void theSameSeedGivesTheSameScores(Criterion criterion) {
        assertThat(scores(criterion)).isEqualTo(scores(criterion));
    }

    @ParameterizedTest
    @MethodSource("all")
    void anotherSeedMattersWhereSomethingIsRandom(Criterion criterion) {
        var random = List.of("random", "gradnorm").contains(criterion.name());
        var other = scores(criterion, CANDIDATES, 2);
        assertThat(other.equals(scores(criterion))).isEqualTo(!random);
    }

    @ParameterizedTest
    @MethodSource("all")
    void theOrderOfTheCandidatesDoesNotMatter(Criterion criterion) {
        assertSame(scores(criterion, CANDIDATES.reversed(), 1), scores(criterion).reversed());
    }

    @ParameterizedTest
    @MethodSource("all")
    void oneAtATimeScoresAsAllTogether(Criterion criterion) {
        var alone = CANDIDATES.stream().flatMap(c -> scores(criterion, List.of(c), 1).stream()).toList();
        assertSame(alone, scores(criterion));
    }

    @ParameterizedTest
    @MethodSource("all")
    void theWeightsAreTheSameAfterwards(Criterion criterion) {
        var before = pico.values();
        scores(criterion);
        var after = pico.values();
        assertThat(after.keySet()).isEqualTo(before.keySet());
        before.forEach((name, values) -> assertThat(after.get(name)).as(name).containsExactly(values));
    }

    @ParameterizedTest
    @MethodSource("all")
    void itDoesNotMatterWhetherTheWeightsWereBeingTrained(Criterion criterion) {
        var expected = scores(criterion);
        for (boolean training : new boolean[]{true, false}) {
            pico.model().parameters().values().forEach(p -> p.set_requires_grad(training));
            assertSame(Autograd.recording(training, () -> scores(criterion)), expected);
        }
    }

    @ParameterizedTest
    @MethodSource("all")
    void itsNameFindsIt(Criterion criterion) {
        assertThat(Criteria.named(criterion.name())).isEqualTo(criterion);
        assertThat(criterion.source()).isNotBlank();
    }

    @Test
    void anUnknownNameListsTheKnownOnes() {
        assertThatThrownBy(() -> Criteria.named("gradnrom")).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("gradnrom").satisfies(e -> assertThat(e.getMessage())
                        .contains(Criteria.all().stream().map(Criterion::name).toList()));
        assertThat(Criteria.all()).extracting(Criterion::name).doesNotHaveDuplicates();
    }

    @Test
    void aCandidateOutsideItsSegmentIsRefused() {
        assertThatThrownBy(() -> new ScoringTask(pico.model(), new Segment(0, 2), List.of(LayerSet.of(1, 3)),
                new Calibration(pico.items(), 8, 0), Progress.Silent.INSTANCE))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("[0,2)");
    }

    @Test
    void batchesCoverEveryExampleOnceAndTheirSharesAddUpToOne() {
        var calibration = new Calibration(pico.items(), 3, 0);
        assertThat(calibration.batches()).isEqualTo(3);
        assertThat(IntStream.range(0, 3).map(b -> calibration.end(b) - calibration.start(b)).toArray())
                .containsExactly(3, 3, 2);
        assertThat(IntStream.range(0, 3).mapToDouble(calibration::share).sum()).isCloseTo(1, within(1e-12));
    }
}
