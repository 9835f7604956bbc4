package dev.sglp.method;

import dev.sglp.Oracle;
import dev.sglp.Pico;
import dev.sglp.fault.InputException;
import dev.sglp.fault.UsageException;
import dev.sglp.importance.Criteria;
import dev.sglp.importance.Criterion;
import dev.sglp.importance.Kl;
import dev.sglp.importance.LossWhenAbsent;
import dev.sglp.importance.ScoringTask.Calibration;
import dev.sglp.method.PlanningTask.Limits;
import dev.sglp.method.PlanningTask.Verification;
import dev.sglp.method.control.Tail;
import dev.sglp.model.LayerSet;
import dev.sglp.model.Pass;
import dev.sglp.progress.Progress;
import dev.sglp.pruning.PruningPlan.Verified;
import dev.sglp.pruning.Quota;
import dev.sglp.segmentation.Segmentation;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/// What every method of the list keeps to, and what each promises.
final class MethodsTest {
    private Pico pico;

    @BeforeEach
    void open() {
        pico = Pico.open();
    }

    @AfterEach
    void close() {
        pico.close();
    }

    static List<Method> all() {
        return Methods.all();
    }

    private PlanningTask task(int remove, LayerSet kept) {
        return task(remove, kept, Criteria.named("block-influence"));
    }

    private PlanningTask task(int remove, LayerSet kept, Criterion criterion) {
        var calibration = new Calibration(pico.items(), 8, 1);
        return new PlanningTask(pico.model(), new Segmentation(List.of(0, 2, 6), List.of(), "given"),
                criterion, remove, kept, calibration,
                new Verification(pico.items(), Pass.evaluation()), new Limits(64, 2));
    }

    private static PlanningTask unverified(PlanningTask task) {
        return new PlanningTask(task.model(), task.segmentation(), task.criterion(), task.remove(), task.kept(),
                task.calibration(), task.verification(), new Limits(task.limits().candidates(), 0));
    }

    private Choice choose(Method method, int remove, LayerSet kept) {
        return method.choose(task(remove, kept, method.criterion(Criteria.named("block-influence"))),
                Progress.Silent.INSTANCE);
    }

    @ParameterizedTest
    @MethodSource("all")
    void asManyLayersGoAsWereAskedFor(Method method) {
        for (int remove = 0; remove <= pico.model().removable().size(); remove++) {
            if (refused(method, remove, LayerSet.EMPTY)) {
                continue;
            }
            var choice = choose(method, remove, LayerSet.EMPTY);
            assertThat(choice.removed().size()).isEqualTo(remove);
            assertThat(pico.model().removable().indices()).containsAll(choice.removed().indices());
            assertThat(choice.quota().stream().mapToInt(Integer::intValue).sum()).isEqualTo(remove);
        }
    }

    /// A method that has nothing to say of a task says so.
    private boolean refused(Method method, int remove, LayerSet kept) {
        if (remove == 0 || method.fits(task(remove, kept))) {
            return false;
        }
        assertThatThrownBy(() -> choose(method, remove, kept)).isInstanceOf(UsageException.class)
                .hasMessageContaining("--method " + method.name());
        return true;
    }

    @ParameterizedTest
    @MethodSource("all")
    void aProtectedLayerStays(Method method) {
        int last = pico.model().removable().indices().getLast();
        if (refused(method, 3, LayerSet.of(last))) {
            return;
        }
        assertThat(choose(method, 3, LayerSet.of(last)).removed().contains(last)).isFalse();
    }

    @Test
    void tailTakesTheLastOnes() {
        var open = pico.model().removable().indices();
        assertThat(choose(new Tail(), 2, LayerSet.EMPTY).removed().indices())
                .isEqualTo(open.subList(open.size() - 2, open.size()));
    }

    @Test
    void slebRemovesTheBestLayerGivenThoseThatAreGone() {
        var gone = LayerSet.EMPTY;
        for (int r = 0; r < 3; r++) { // by its definition, every step from scratch
            var before = gone;
            var sets = pico.model().removable().indices().stream().filter(i -> !before.contains(i))
                    .map(i -> before.union(LayerSet.of(i))).toList();
            var step = Progress.Silent.INSTANCE.step("", 1, "");
            var losses = LossWhenAbsent.standard().losses(pico.model(), sets, task(3, LayerSet.EMPTY).calibration(),
                    step);
            gone = sets.get(
                    IntStream.range(0, sets.size()).reduce((a, b) -> losses[a] <= losses[b] ? a : b).orElseThrow());
        }
        assertThat(choose(new Sleb(), 3, LayerSet.EMPTY).removed()).isEqualTo(gone);
    }

    /// By its definition: of all pairs of sets, one from each segment, the one whose losses rise least together.
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4})
    void aGlobalQuotaTakesAsManyFromEachSegmentAsCostLeast(int remove) {
        var task = unverified(task(remove, LayerSet.EMPTY, LossWhenAbsent.standard()));
        var losses = new TreeMap<LayerSet, Double>();
        var sets = subsets(task.open());
        var all = LossWhenAbsent.standard().losses(pico.model(), sets, task.calibration(),
                Progress.Silent.INSTANCE.step("", 1, ""));
        IntStream.range(0, sets.size()).forEach(i -> losses.put(sets.get(i), all[i]));
        var best = sets.stream().filter(s -> s.size() == remove).min(Comparator.comparingDouble(
                s -> IntStream.range(0, 2).mapToDouble(k -> losses.get(part(s, task, k))).sum())).orElseThrow();
        var choice = new SglpMethod(Quota.GLOBAL).choose(task, Progress.Silent.INSTANCE);
        assertThat(choice.removed()).isEqualTo(best);
        assertThat(choice.candidates().search()).isEqualTo("all");
        assertThat(choice.quota()).containsExactly(part(best, task, 0).size(), part(best, task, 1).size());
    }

    private static LayerSet part(LayerSet layers, PlanningTask task, int segment) {
        return new LayerSet(layers.indices().stream().filter(task.segmentation().segment(segment)::contains).toList());
    }

    private static List<LayerSet> subsets(List<Integer> layers) {
        return IntStream.range(0, 1 << layers.size()).mapToObj(bits -> new LayerSet(
                IntStream.range(0, layers.size()).filter(i -> (bits >> i & 1) == 1).mapToObj(layers::get).toList()))
                .toList();
    }

    /// Verified on three of the eight items, so that the winner need not be the best on those it was chosen on.
    @Test
    void autoKeepsThePlanThatLosesLeastOnOtherData() {
        var all = task(2, LayerSet.EMPTY);
        var items = new Oracle.Items(pico.batch().get("input").narrow(0, 5, 3),
                pico.batch().get("labels").narrow(0, 5, 3),
                pico.items().classes());
        var task = new PlanningTask(all.model(), all.segmentation(), all.criterion(), 2, LayerSet.EMPTY,
                all.calibration(), new Verification(items, Pass.evaluation()), all.limits());
        var choice = new Auto().choose(task, Progress.Silent.INSTANCE);
        var plans = choice.verification().stream().map(Verified::removed).toList();
        var losses = LossWhenAbsent.standard().losses(pico.model(), plans, new Calibration(items, 8, 1),
                Progress.Silent.INSTANCE.step("", 1, ""));
        assertThat(losses).isSorted();
        assertThat(choice.removed()).isEqualTo(plans.getFirst());
        assertThat(plans).doesNotHaveDuplicates().contains(
                new Sleb().choose(all.scoredBy(Kl.standard()), Progress.Silent.INSTANCE).removed(),
                choose(new OneShot(), 2, LayerSet.EMPTY).removed());
        assertThat(choice.verification()).extracting(Verified::by).contains("sglp, block-influence")
                .doesNotContainNull();
        assertThatThrownBy(() -> new Auto().choose(unverified(all), Progress.Silent.INSTANCE))
                .hasMessageContaining("--verify");
    }

    @Test
    void aSetOfTheUsersOwnMeetsThePlansOfAuto() {
        var task = task(2, LayerSet.EMPTY);
        var found = new Auto().choose(task, Progress.Silent.INSTANCE).verification().stream().map(Verified::removed)
                .toList();
        var own = subsets(task.open()).stream().filter(set -> set.size() == 2 && !found.contains(set)).toList();
        assertThat(own).isNotEmpty();
        assertThat(new Auto(own).choose(task, Progress.Silent.INSTANCE).verification())
                .filteredOn(plan -> plan.by().equals("yours")).extracting(Verified::removed)
                .containsExactlyInAnyOrderElementsOf(own);
        var closed = task(2, LayerSet.of(own.getFirst().indices().getFirst()));
        assertThatThrownBy(() -> new Auto(List.of(own.getFirst())).choose(closed, Progress.Silent.INSTANCE))
                .isInstanceOf(UsageException.class).hasMessageContaining("has to stay");
    }

    /// Remembers how many units each step announced, and how many it did.
    private static final class Counted implements Progress {
        private final List<long[]> steps = new ArrayList<>();

        @Override
        public Step step(String task, long total, String unit) {
            long[] counts = {total, 0};
            steps.add(counts);
            return new Step() {
                @Override
                public void advance(long units) {
                    counts[1] += units;
                }

                @Override
                public void note(String what) {}

                @Override
                public void close() {}
            };
        }

        @Override
        public void say(String line) {}
    }

    /// What is left of the time is told by it.
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4})
    void asManySetsAreAnnouncedAsAreScored(int remove) {
        for (var method : List.of(new SglpMethod(), new SglpMethod(Quota.GLOBAL), new OneShot(), new Sleb())) {
            var criterion = method.criterion(Criteria.named("magnitude"));
            var progress = new Counted();
            var choice = method.choose(unverified(task(remove, LayerSet.EMPTY, criterion)), progress);
            assertThat(progress.steps).singleElement().satisfies(counts -> {
                assertThat(counts[0]).as("%s, %d", method, remove).isEqualTo(counts[1]);
                assertThat(counts[1]).isEqualTo(choice.candidates().scored());
            });
        }
    }

    /// Every set with this layer has no finite score.
    private static Criterion breaking(int layer) {
        return Criterion.of("breaking", set -> set.contains(layer)
                ? Double.NaN
                : set.indices().stream()
                        .mapToInt(i -> i).sum());
    }

    @Test
    void aLayerWhoseScoresAreNotFiniteStaysAndIsNamed() {
        int first = pico.model().removable().indices().getFirst();
        for (var method : List.of(new SglpMethod(), new SglpMethod(Quota.GLOBAL), new OneShot(), new Auto())) {
            var choice = method.choose(task(2, LayerSet.EMPTY, breaking(first)), Progress.Silent.INSTANCE);
            assertThat(choice.candidates().notFinite()).as(method.name()).contains(LayerSet.of(first))
                    .allMatch(set -> set.contains(first));
            if (!(method instanceof Auto)) { // whose other methods score otherwise
                assertThat(choice.removed().contains(first)).as(method.name()).isFalse();
            }
        }
    }

    @Test
    void whereNoScoreIsFiniteNothingIsChosen() {
        var none = Criterion.of("none at all", _ -> Double.POSITIVE_INFINITY);
        for (var method : List.of(new SglpMethod(), new SglpMethod(Quota.GLOBAL), new OneShot(), new Auto())) {
            for (int remove = 0; remove < 3; remove++) {
                var task = task(remove, LayerSet.EMPTY, none);
                assertThatThrownBy(() -> method.choose(task, Progress.Silent.INSTANCE)).as("%s, %s", method, remove)
                        .isInstanceOf(InputException.class).hasMessageContaining("'none at all'")
                        .hasMessageContaining("--criterion");
            }
        }
    }

    /// The second segment has four layers, of which two are to go but all score infinity: there is no plan.
    @Test
    void aSegmentThatHasNoFiniteSetToGiveEndsTheChoice() {
        var task = task(3, LayerSet.EMPTY,
                Criterion.of("late", set -> set.indices().stream().anyMatch(i -> i >= 2) ? Double.NaN : 1));
        assertThatThrownBy(() -> new SglpMethod().choose(task, Progress.Silent.INSTANCE))
                .isInstanceOf(InputException.class).hasMessageContaining("'late'");
    }

    @Test
    void oneShotTakesTheLayersWithTheLowestScores() {
        var choice = choose(new OneShot(), 2, LayerSet.EMPTY);
        var byScore = choice.singles().stream().sorted(java.util.Comparator.comparingDouble(s -> s.score()))
                .map(s -> s.layers().indices().getFirst()).toList();
        assertThat(choice.removed()).isEqualTo(new LayerSet(byScore.subList(0, 2)));
    }
}
