package dev.sglp.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.sglp.Oracle;
import dev.sglp.Pico;
import dev.sglp.Scoped;
import dev.sglp.TinyNetwork;
import dev.sglp.data.Dataset;
import dev.sglp.fault.InputException;
import dev.sglp.importance.LossWhenAbsent;
import dev.sglp.importance.ScoringTask.Calibration;
import dev.sglp.method.Finals.Entrant;
import dev.sglp.method.PlanningTask.Limits;
import dev.sglp.method.PlanningTask.Verification;
import dev.sglp.model.LayerSet;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.Pass;
import dev.sglp.model.repair.Remainder;
import dev.sglp.progress.Progress;
import dev.sglp.pruning.PruningPlan.Verified;
import dev.sglp.segmentation.Segmentation;
import dev.sglp.tensor.DType;
import dev.sglp.tensor.Seed;
import dev.sglp.tensor.Tensors;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(Scoped.class)
final class FinalsTest {
    private static final int D = 4;

    private static PlanningTask task(LayeredModel model, Dataset calibration, Verification verification) {
        return new PlanningTask(model, new Segmentation(List.of(0, model.layers().size()), List.of(), "given"),
                LossWhenAbsent.standard(), 1, LayerSet.EMPTY, new Calibration(calibration, 4, 0), verification,
                new Limits(64, 8));
    }

    private static Dataset items(int count, long seed) {
        return new Oracle.Items(Seed.of(seed).normal("items", 1, count, D),
                Tensors.longs(IntStream.range(0, count).mapToLong(i -> i % D).toArray()), List.of("a", "b", "c", "d"));
    }

    private static List<Entrant> entrants(LayerSet... plans) {
        return Arrays.stream(plans).map(plan -> new Entrant(plan, plan.size(), "somebody")).toList();
    }

    /// By the definition: the loss of each on the verification data alone, by the statistics the network will run with.
    @Test
    void plansComeInTheOrderOfTheirLossOnTheVerificationData() {
        try (var pico = Pico.open()) {
            var items = new Oracle.Items(pico.batch().get("input").narrow(0, 3, 5),
                    pico.batch().get("labels").narrow(0, 3, 5), pico.items().classes());
            var plans = pico.model().removable().indices().stream().map(LayerSet::of).toArray(LayerSet[]::new);
            for (var pass : List.of(Pass.evaluation(), Pass.batchStatistics())) {
                var task = task(pico.model(), pico.items(), new Verification(items, pass));
                var found = Finals.of(task, entrants(plans), Progress.silent());
                var expected = new LossWhenAbsent(pass).losses(pico.model(), List.of(plans),
                        new Calibration(items, 4, 0), Progress.Silent.INSTANCE);
                assertThat(found.plans()).extracting(Verified::loss).isSorted()
                        .containsExactlyInAnyOrder(Arrays.stream(expected).boxed().toArray(Double[]::new));
                assertThat(found.winner()).isEqualTo(plans[IntStream.range(0, plans.length)
                        .reduce((a, b) -> expected[a] <= expected[b] ? a : b).orElseThrow()]);
                assertThat(found.plans()).allMatch(v -> v.total() == 1 && "somebody".equals(v.by()));
            }
        }
    }

    /// Two layers that multiply by 10³⁰: with both, float32 overflows.
    private static LayeredModel overflowing() {
        return TinyNetwork.of(List.of(random(0), random(1).mul(new Scalar(1e30)), random(2).mul(new Scalar(1e30))));
    }

    private static Tensor random(long seed) {
        return Seed.of(seed).normal("matrix", 1, D, D);
    }

    @Test
    void aPlanWithoutAFiniteLossComesLast() {
        var task = task(overflowing(), items(4, 1), new Verification(items(8, 2), Pass.evaluation()));
        var found = Finals.of(task, entrants(LayerSet.of(0), LayerSet.of(1), LayerSet.of(2)), Progress.silent());
        assertThat(found.plans().getLast().removed()).isEqualTo(LayerSet.of(0));
        assertThat(found.plans().getLast().loss()).isNaN();
        assertThat(found.plans().subList(0, 2)).extracting(Verified::loss).allMatch(Double::isFinite).isSorted();
    }

    @Test
    void whereNoLossIsFiniteNothingIsChosen() {
        var task = task(overflowing(), items(4, 1), new Verification(items(8, 2), Pass.evaluation()));
        assertThatThrownBy(() -> Finals.of(task, entrants(LayerSet.of(0)), Progress.silent()))
                .isInstanceOf(InputException.class).hasMessageContaining("none of the best plans")
                .hasMessageContaining("Remove fewer layers");
    }

    /// One of five parts that weigh the same is gone: 4/5 of a pass, and twice that where there are twice as many items.
    @Test
    void theCostIsCountedInPassesOverTheCalibrationData() {
        var model = TinyNetwork.of(List.of(random(0), random(1), random(2)));
        for (int times : new int[]{1, 2, 3}) {
            var task = task(model, items(4, 1), new Verification(items(4 * times, 2), Pass.evaluation()));
            assertThat(Finals.of(task, entrants(LayerSet.of(0)), Progress.silent()).cost())
                    .isCloseTo(times * 4 / 5.0, within(1e-9));
        }
    }

    /// Repaired whole these are other networks, all of them worse than any was before: nobody drops out of the record for that.
    @Test
    void plansThatWereNotRepairedWholeFollowThoseThatWere() {
        var model = TinyNetwork.random(6, D, 0);
        var repaired = TinyNetwork.random(6, D, 1);
        var plain = task(model, items(4, 1), new Verification(items(8, 2), Pass.evaluation()));
        var task = new PlanningTask(model, plain.segmentation(), plain.criterion(), 1, LayerSet.EMPTY,
                plain.calibration(), plain.verification(), plain.limits(), plain.remainder(), new Remainder() {
                    @Override
                    public LayeredModel without(LayerSet removed) {
                        return TinyNetwork.of(repaired.without(removed).layers().stream()
                                .map(layer -> layer.parameters().firstEntry().getValue().mul(new Scalar(3))).toList());
                    }

                    @Override
                    public String words() {
                        return "three times as large";
                    }
                }, UnaryOperator.identity());
        var held = Finals.of(task, IntStream.range(0, 6).mapToObj(i -> new Entrant(LayerSet.of(i), i, "somebody"))
                .toList(), Progress.silent());
        var last = Finals.last(task, held, Progress.silent()).plans();
        assertThat(last).extracting(Verified::whole).containsExactly(true, true, true, true, false, false);
        assertThat(last.subList(0, 4)).extracting(Verified::loss).isSorted();
        assertThat(last.subList(0, 4)).extracting(Verified::removed).containsExactlyInAnyOrderElementsOf(
                held.plans().subList(0, 4).stream().map(Verified::removed).toList());
        assertThat(last.subList(4, 6)).isEqualTo(
                held.plans().subList(4, 6).stream().map(plan -> plan.repaired(false)).toList());
        assertThat(last.get(3).loss()).isGreaterThan(last.get(5).loss());
    }

    @Test
    void itIsHeldWhereThereIsSomethingToCompareAndSomethingToCompareItOn() {
        var model = TinyNetwork.random(3, D, 0);
        var verification = new Verification(items(4, 2), Pass.evaluation());
        var nothing = new Verification(new Oracle.Items(Tensors.zeros(DType.F32, 0, D), Tensors.longs(new long[0]),
                List.of()), Pass.evaluation());
        var task = task(model, items(4, 1), verification);
        assertThat(Finals.held(task)).isTrue();
        assertThat(Finals.held(task(model, items(4, 1), nothing))).isFalse();
        assertThat(Finals.held(new PlanningTask(model, task.segmentation(), task.criterion(), 1, LayerSet.EMPTY,
                task.calibration(), verification, new Limits(64, 0)))).isFalse();
        assertThat(Finals.held(new PlanningTask(model, task.segmentation(), task.criterion(), 0, LayerSet.EMPTY,
                task.calibration(), verification, new Limits(64, 8)))).isFalse();
    }
}
