package dev.sglp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sglp.Recipe.Look;
import dev.sglp.data.DataRoles;
import dev.sglp.data.Dataset;
import dev.sglp.data.Stretch;
import dev.sglp.importance.Criteria;
import dev.sglp.importance.Criterion;
import dev.sglp.importance.GradNorm;
import dev.sglp.importance.ScoringTask.Calibration;
import dev.sglp.method.PlanningTask;
import dev.sglp.method.PlanningTask.Limits;
import dev.sglp.method.PlanningTask.Verification;
import dev.sglp.method.SglpMethod;
import dev.sglp.model.LayerSet;
import dev.sglp.model.Layout;
import dev.sglp.model.Pass;
import dev.sglp.progress.Progress;
import dev.sglp.pruning.Target;
import dev.sglp.pruning.Trust;
import dev.sglp.segmentation.Segmentation;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// How far a choice can be trusted.
final class SecondLookTest {
    private Pico pico;

    @BeforeEach
    void open() {
        pico = Pico.open();
    }

    @AfterEach
    void close() {
        pico.close();
    }

    private static Recipe recipe(int remove, String criterion, Look look) {
        var usual = Recipe.removing(remove, Layout.MAPS);
        return new Recipe(usual.cka(), new Recipe.Segments(2, usual.segments().features()), usual.method(),
                Criteria.named(criterion), new Target.Count(remove), usual.kept(), usual.limits(), usual.repair(),
                usual.healing(),
                usual.compute().with(look));
    }

    private Analysis analyze(Dataset calibration, Recipe recipe) {
        var data = new DataRoles(calibration, pico.items(), pico.items(), List.of());
        return Sglp.analyze(pico.model(), data, recipe, new Stopwatch(), Progress.silent());
    }

    /// By the definition: what is chosen where each half is all there is.
    @ParameterizedTest
    @ValueSource(strings = {"loss", "gradnorm", "block-influence"})
    void theHalvesChooseAsIfTheyWereAllTheData(String criterion) {
        var found = analyze(pico.items(), recipe(2, criterion, Look.YES)).trust().halves();
        assertThat(found).isNotNull();
        var plans = IntStream.of(0, 4).mapToObj(from -> analyze(new Stretch(pico.items(), from, from + 4),
                recipe(2, criterion, Look.NO)).choice().removed()).toList();
        assertThat(found.plans()).isEqualTo(plans);
        assertThat(found.shared())
                .isEqualTo((int) plans.getFirst().indices().stream().filter(plans.getLast()::contains).count());
        assertThat(found.seconds()).isPositive();
    }

    private PlanningTask task(Dataset items, Criterion criterion) {
        return new PlanningTask(pico.model(), new Segmentation(List.of(0, 3, 6), List.of(), "given"), criterion, 2,
                LayerSet.EMPTY, new Calibration(items, 8, 5), new Verification(pico.items(), Pass.evaluation()),
                new Limits(64, 0));
    }

    private Trust look(PlanningTask task, Look wish, double seconds) {
        var recipe = recipe(2, task.criterion().name(), wish);
        var choice = new SglpMethod().choose(task, Progress.silent());
        return new SecondLook(task, recipe, task.criterion(), Map.of("similarity", 3.0, "importance", seconds))
                .at(choice, Progress.silent());
    }

    /// What `--draws 3` says of the same sets.
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whatGoesAndItsNearestRivalsAreDrawnTwiceMore(boolean kept) {
        var reading = kept ? GradNorm.Reading.KEPT : GradNorm.Reading.ABSENT;
        var one = new GradNorm(GradNorm.Absence.REINIT, reading, GradNorm.Norm.SUM, GradNorm.Range.ALL, 1);
        var three = new GradNorm(GradNorm.Absence.REINIT, reading, GradNorm.Norm.SUM, GradNorm.Range.ALL, 3);
        var task = task(pico.items(), one);
        var rivals = look(task, Look.AUTO, 1e6).rivals();
        assertThat(rivals).hasSize(2);
        for (var r : rivals) {
            var scores = three.scores(task.question(r.segment(),
                    List.of(r.removed().layers(), r.rival().layers()), Progress.Silent.INSTANCE));
            for (int i = 0; i < 2; i++) {
                var found = i == 0 ? r.removed() : r.rival();
                assertThat(found.score()).isCloseTo(scores.get(i).value(), within(1e-9));
                assertThat(found.spread()).isCloseTo(scores.get(i).spread(), within(1e-9)).isPositive();
            }
            assertThat(r.draws()).isEqualTo(3);
        }
    }

    @Test
    void whatTakesLongIsSaidInsteadOfDone() {
        var task = task(pico.items(), Criteria.named("loss"));
        assertThat(look(task, Look.AUTO, 1)).satisfies(trust -> {
            assertThat(trust.halves()).isNotNull();
            assertThat(trust.rivals()).isEmpty();
            assertThat(trust.unknown()).isEmpty();
        });
        assertThat(look(task, Look.AUTO, 177)).satisfies(trust -> {
            assertThat(trust.halves()).isNull();
            assertThat(trust.unknown()).singleElement().asString().contains("other calibration data",
                    "about 3 min 00 s", "--second-look yes");
        });
        assertThat(look(task, Look.YES, 177).halves()).isNotNull();
        assertThat(look(task(pico.items(), GradNorm.standard()), Look.NO, 1).unknown()).hasSize(2)
                .anyMatch(s -> s.contains("--draws 3"));
    }

    @Test
    void tooFewItemsAreNotHalved() {
        var few = task(new Stretch(pico.items(), 0, 7), Criteria.named("loss"));
        assertThat(look(few, Look.YES, 1).unknown()).singleElement().asString().contains("too few to halve");
    }

    @Test
    void whereNothingGoesThereIsNothingToTrust() {
        assertThat(analyze(pico.items(), recipe(0, "gradnorm", Look.YES)).trust()).isEqualTo(Trust.none());
    }
}
