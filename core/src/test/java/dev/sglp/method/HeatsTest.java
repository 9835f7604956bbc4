package dev.sglp.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sglp.Oracle;
import dev.sglp.family.decoder.Pico;
import dev.sglp.importance.Kl;
import dev.sglp.importance.LossWhenAbsent;
import dev.sglp.importance.ScoringTask.Calibration;
import dev.sglp.method.Finals.Entrant;
import dev.sglp.method.PlanningTask.Limits;
import dev.sglp.method.PlanningTask.Verification;
import dev.sglp.model.LayerSet;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.Pass;
import dev.sglp.model.Pass.Precision;
import dev.sglp.progress.Progress;
import dev.sglp.pruning.PruningPlan.Verified;
import dev.sglp.segmentation.Segmentation;
import dev.sglp.tensor.Tensors;
import java.io.IOException;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/// Of text: windows of tokens as they come from a counter.
final class HeatsTest {
    private static final List<LayerSet> PLANS = List.of(LayerSet.of(0), LayerSet.of(1), LayerSet.of(2),
            LayerSet.of(3), LayerSet.of(0, 1), LayerSet.of(1, 2), LayerSet.of(2, 3));

    private static Oracle.Items windows(int count, int length) {
        var tokens = Tensors.longs(LongStream.range(0, (long) count * length).map(i -> i * i % 37).toArray())
                .view(count, length);
        return new Oracle.Items(tokens, tokens.roll(-1), List.of());
    }

    private static PlanningTask task(LayeredModel model, int verification) {
        return new PlanningTask(model, new Segmentation(List.of(0, model.layers().size()), List.of(), "given"),
                Kl.standard(), 1, LayerSet.EMPTY, new Calibration(windows(2, 8), 4, 0),
                new Verification(windows(verification, 8), Pass.evaluation()), new Limits(64, 8));
    }

    private static double[] losses(LayeredModel model, int windows, List<LayerSet> plans) {
        return new LossWhenAbsent(Pass.evaluation()).losses(model, plans, new Calibration(windows(windows, 8), 4, 0),
                Progress.Silent.INSTANCE);
    }

    private static Finals.Result held(LayeredModel model, int windows) {
        return Finals.of(task(model, windows), PLANS.stream().map(p -> new Entrant(p, 0, "somebody")).toList(),
                Progress.silent());
    }

    /// By brute force: the order on the first quarter, the mean over everything.
    @Test
    void thoseAheadAfterAQuarterHaveTheirLossOnEverything() throws IOException {
        try (var pico = Pico.open("llama3")) {
            var early = losses(pico.model(), 3, PLANS);
            var whole = losses(pico.model(), 12, PLANS);
            var ahead = IntStream.range(0, PLANS.size()).boxed()
                    .sorted((a, b) -> Double.compare(early[a], early[b])).limit(3).toList();
            var found = held(pico.model(), 12);
            assertThat(found.plans()).extracting(Verified::removed)
                    .containsExactlyInAnyOrderElementsOf(ahead.stream().map(PLANS::get).toList());
            assertThat(found.plans()).extracting(Verified::loss).isSorted();
            for (var plan : found.plans()) {
                assertThat(plan.loss()).isCloseTo(whole[PLANS.indexOf(plan.removed())], within(1e-6));
            }
            assertThat(found.cost()).isLessThan(0.8 * PLANS.size() * 12 / 2.0);
        }
    }

    @Test
    void anExchangeGoesOnOnlyWhereItIsAheadOfTheBest() throws IOException {
        try (var pico = Pico.open("llama3")) {
            var early = losses(pico.model(), 3, PLANS);
            int middle = IntStream.range(0, PLANS.size()).boxed()
                    .sorted((a, b) -> Double.compare(early[a], early[b])).toList().get(3);
            var heats = held(pico.model(), 12).heats();
            var found = heats.better(PLANS, PLANS.get(middle), Progress.Silent.INSTANCE);
            for (int i = 0; i < found.length; i++) {
                assertThat(Double.isFinite(found[i])).as("%s", PLANS.get(i)).isEqualTo(early[i] < early[middle]);
            }
        }
    }

    @Test
    void ofFewWindowsAllRunAll() throws IOException {
        try (var pico = Pico.open("llama3")) {
            var whole = losses(pico.model(), 7, PLANS);
            var found = held(pico.model(), 7).plans();
            assertThat(found).hasSize(PLANS.size()).allSatisfy(plan -> assertThat(plan.loss())
                    .isCloseTo(whole[PLANS.indexOf(plan.removed())], within(1e-6)));
        }
    }

    /// Three digits of a logit: sets that differ by a hundredth come in the same order, and nothing of the network is changed.
    @Test
    void bfloat16PutsSetsInTheSameOrder() throws IOException {
        try (var pico = Pico.open("llama3")) {
            var task = task(pico.model(), 12);
            var exact = Kl.standard().scores(task.question(PLANS, Progress.Silent.INSTANCE));
            var rough = Kl.standard().in(Precision.BFLOAT16).scores(task.question(PLANS, Progress.Silent.INSTANCE));
            assertThat(rough).isNotEqualTo(exact);
            for (int i = 0; i < exact.size(); i++) {
                assertThat(rough.get(i).value()).isCloseTo(exact.get(i).value(),
                        within(0.02 + 0.03 * exact.get(i).value()));
            }
            assertThat(Kl.standard().scores(task.question(PLANS, Progress.Silent.INSTANCE))).isEqualTo(exact);
        }
    }
}
