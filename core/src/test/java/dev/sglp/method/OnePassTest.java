package dev.sglp.method;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sglp.Mending;
import dev.sglp.Numbers;
import dev.sglp.Scoped;
import dev.sglp.View;
import dev.sglp.data.Dataset;
import dev.sglp.data.Stretch;
import dev.sglp.family.Both;
import dev.sglp.importance.LossWhenAbsent;
import dev.sglp.importance.BlockInfluence;
import dev.sglp.importance.ScoringTask.Calibration;
import dev.sglp.method.PlanningTask.Limits;
import dev.sglp.method.PlanningTask.Verification;
import dev.sglp.method.stream.Contiguous;
import dev.sglp.model.LayerSet;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.Pass;
import dev.sglp.model.repair.Remainder;
import dev.sglp.progress.Progress;
import dev.sglp.pruning.PruningPlan.Verified;
import dev.sglp.repair.Refit;
import dev.sglp.repair.RepairTask;
import dev.sglp.repair.dense.DenseSums;
import dev.sglp.segmentation.Segmentation;
import java.io.IOException;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// On the pico Llama of the fixtures.
@ExtendWith(Scoped.class)
final class OnePassTest {
    private static final Numbers.Counted ITEMS = new Numbers.Counted(8, 9, 0, i -> i * i % 40);
    private static final Numbers.Counted OTHERS = new Numbers.Counted(16, 9, 0, i -> (i * i + 7) % 40);
    private static final Numbers.Counted NONE = new Numbers.Counted(0, 9, 0, i -> 0);
    private static final int TOGETHER = 2048 / 9; // windows, as the view takes them

    private static final LayerSet KEPT = LayerSet.of(2); // those that turn the stream least are 2 and 3

    private static PlanningTask task(LayeredModel model, int remove, Dataset verification, Remainder finals) {
        return task(model, remove, KEPT, verification, finals);
    }

    private static PlanningTask task(LayeredModel model, int remove, LayerSet kept, Dataset verification,
            Remainder finals) {
        return new PlanningTask(model, new Segmentation(List.of(0, model.layers().size()), List.of(), "given"),
                new BlockInfluence(), remove, kept, new Calibration(ITEMS, 4, 0),
                new Verification(verification, Pass.evaluation()), new Limits(64, OnePass.PLANS),
                Remainder.plain(model), finals, UnaryOperator.identity());
    }

    private static Choice choose(Method method, PlanningTask task) {
        return method.choose(task, Progress.silent());
    }

    private static double loss(LayeredModel network, Dataset items) {
        return new LossWhenAbsent(Pass.evaluation()).losses(network, List.of(LayerSet.EMPTY),
                new Calibration(items, 4, 0), Progress.Silent.INSTANCE)[0];
    }

    /// By its definition, with what is left repaired before its gaps, on the first quarter of the text.
    @Test
    void theLowerLossAsRepairedWins() throws IOException {
        try (var both = Both.open("llama3", 1, 1 << 20)) {
            var model = both.whole();
            try (var view = View.of(model, ITEMS, new Mending.How(Refit.standard(), TOGETHER, 0, DenseSums.none()),
                    View.Going.of(model, KEPT, 2, new OnePass()), Progress.silent())) {
                var task = task(model, 2, OTHERS, view.finals());
                var plans = List.of(choose(new OneShot(), task).removed(), choose(new Contiguous(), task).removed());
                assertThat(plans.getFirst()).isNotEqualTo(plans.getLast());
                var found = choose(new OnePass(), task);
                assertThat(found.verification()).extracting(Verified::removed)
                        .containsExactlyInAnyOrderElementsOf(plans);
                assertThat(found.verification()).extracting(Verified::by)
                        .containsExactlyInAnyOrder("block influence", "contiguous");
                assertThat(found.verification()).extracting(Verified::loss).isSorted();
                for (var plan : found.verification()) {
                    try (var alone = new Refit(Refit.OWN, true)
                            .repair(new RepairTask(model, plan.removed(), ITEMS, TOGETHER), Progress.silent())) {
                        assertThat(plan.loss())
                                .isEqualTo(loss(alone.network(), new Stretch(OTHERS, 0, 4)));
                    }
                }
                assertThat(found.removed()).isEqualTo(found.verification().getFirst().removed());
                assertThat(found.candidates().forwardEquivalents().verification()).isPositive();
                assertThat(found.quota()).containsExactly(2);
            }
        }
    }

    /// Each plan seen as the other one: the other one wins.
    @Test
    void eitherMayWin() throws IOException {
        try (var both = Both.open("llama3", 1, 1 << 20)) {
            var model = both.whole();
            var plain = Remainder.plain(model);
            var task = task(model, 2, OTHERS, plain);
            var each = choose(new OneShot(), task).removed();
            var run = choose(new Contiguous(), task).removed();
            var swapped = new Remainder() {
                @Override
                public LayeredModel without(LayerSet removed) {
                    return plain.without(removed.equals(each) ? run : each);
                }

                @Override
                public String words() {
                    return "swapped";
                }
            };
            assertThat(List.of(choose(new OnePass(), task).removed(),
                    choose(new OnePass(), task(model, 2, OTHERS, swapped)).removed()))
                    .containsExactlyInAnyOrder(each, run);
        }
    }

    /// As where nothing is verified.
    @Test
    void withoutOtherDataBlockInfluenceChooses() throws IOException {
        try (var both = Both.open("llama3", 1, 1 << 20)) {
            var model = both.whole();
            var task = task(model, 2, NONE, Remainder.plain(model));
            assertThat(choose(new OnePass(), task)).isEqualTo(choose(new OneShot(), task));
            var apart = task(model, 2, LayerSet.of(1, 2), OTHERS, Remainder.plain(model));
            assertThat(choose(new OnePass(), apart)).isEqualTo(choose(new OneShot(), apart)); // 0 and 3 are no run
        }
    }

    /// The two agree on one layer.
    @Test
    void onePlanNeedsNoComparison() throws IOException {
        try (var both = Both.open("llama3", 1, 1 << 20)) {
            var model = both.whole();
            var task = task(model, 1, OTHERS, Remainder.plain(model));
            var found = choose(new OnePass(), task);
            assertThat(found.removed()).isEqualTo(choose(new OneShot(), task).removed())
                    .isEqualTo(choose(new Contiguous(), task).removed());
            assertThat(found.verification()).isEmpty();
        }
    }
}
