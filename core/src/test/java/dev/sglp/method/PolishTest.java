package dev.sglp.method;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sglp.Pico;
import dev.sglp.importance.LossWhenAbsent;
import dev.sglp.importance.ScoringTask.Calibration;
import dev.sglp.method.Finals.Entrant;
import dev.sglp.method.PlanningTask.Limits;
import dev.sglp.method.PlanningTask.Verification;
import dev.sglp.method.decision.Decision;
import dev.sglp.model.LayerSet;
import dev.sglp.model.Pass;
import dev.sglp.progress.Progress;
import dev.sglp.pruning.PruningPlan.Scored;
import dev.sglp.pruning.PruningPlan.Verified;
import dev.sglp.segmentation.Segmentation;
import java.util.List;
import org.junit.jupiter.api.Test;

final class PolishTest {
    private static PlanningTask task(Pico pico, int polish) {
        return new PlanningTask(pico.model(), new Segmentation(List.of(0, 2, 6), List.of(), "given"),
                LossWhenAbsent.standard(), 2, LayerSet.EMPTY, new Calibration(pico.items(), 8, 1),
                new Verification(pico.items(), Pass.evaluation()), new Limits(64, 2, polish, Decision.OnData.LOSS));
    }

    private static Finals.Result polished(Pico pico, int polish, LayerSet start) {
        var task = task(pico, polish);
        var singles = task.open().stream().map(i -> new Scored(LayerSet.of(i), i, 0)).toList();
        var held = Finals.of(task, List.of(new Entrant(start, 0, "start")), Progress.silent());
        return new Polish(task, LossWhenAbsent.standard(), singles).of(held, Progress.silent());
    }

    private static double loss(Pico pico, LayerSet plan) {
        return LossWhenAbsent.standard().losses(pico.model(), List.of(plan), new Calibration(pico.items(), 8, 1),
                Progress.Silent.INSTANCE.step("", 1, ""))[0];
    }

    /// With budget enough no exchange of the winner helps, wherever it began: by brute force.
    @Test
    void itEndsWhereNoExchangeHelps() {
        try (var pico = Pico.open()) {
            var open = pico.model().removable().indices();
            for (int a : open) {
                for (int b : open) {
                    if (a < b) {
                        var winner = polished(pico, 100, LayerSet.of(a, b)).winner();
                        double best = loss(pico, winner);
                        for (int out : winner.indices()) {
                            open.stream().filter(in -> !winner.contains(in)).forEach(in -> {
                                int stays = winner.indices().stream().filter(i -> i != out).findFirst().orElseThrow();
                                assertThat(loss(pico, LayerSet.of(Math.min(stays, in), Math.max(stays, in))))
                                        .isGreaterThanOrEqualTo(best - 1e-9);
                            });
                        }
                    }
                }
            }
        }
    }

    @Test
    void itTriesNoMoreThanTheBudget() {
        try (var pico = Pico.open()) {
            var start = LayerSet.of(0, 1);
            assertThat(polished(pico, 0, start).plans()).hasSize(1);
            double none = polished(pico, 0, start).cost();
            double one = polished(pico, 1, start).cost();
            assertThat(one).isGreaterThan(none).isLessThanOrEqualTo(2 * none + 1 + 4); // four are scored to verify one
            for (int budget = 0; budget < 5; budget++) {
                var result = polished(pico, budget, start);
                assertThat(result.plans()).extracting(Verified::loss).isSorted();
                assertThat(result.plans()).extracting(Verified::removed).contains(start).doesNotHaveDuplicates();
            }
        }
    }
}
