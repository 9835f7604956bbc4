package dev.sglp.method;

import dev.sglp.fault.InputException;
import dev.sglp.importance.Criterion;
import dev.sglp.importance.ScoringTask;
import dev.sglp.model.LayerSet;
import dev.sglp.progress.Progress;
import dev.sglp.pruning.PruningPlan.Verified;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// The best plans run once on the verification data: other examples than the choice was made on, and more of them.
final class Finals {
    private Finals() {}

    /// A plan that takes part.
    ///
    /// @param total the sum of its scores; NaN where plans of several methods meet
    /// @param by    which method found it; absent where one method found all
    record Entrant(LayerSet removed, double total, @Nullable String by) {}

    /// Whether there is anything to compare, and anything to compare it on.
    static boolean held(PlanningTask task) {
        return task.limits().verify() > 0 && task.verification().data().size() > 0 && task.remove() > 0;
    }

    /// @param plans every plan with its mean loss, lowest first
    /// @param cost  of finding out, in passes of the dense network over the calibration data
    record Result(List<Verified> plans, double cost) {
        LayerSet winner() {
            return plans.getFirst().removed();
        }
    }

    /// @param losses mean loss of each plan on the verification data
    /// @param cost   of finding out, in passes of the dense network over the calibration data
    record Losses(double[] losses, double cost) {}

    /// Runs every plan once on the verification data; remembered like scores.
    static Losses losses(PlanningTask task, List<LayerSet> plans, Progress.Step step) {
        var items = task.verification().data();
        var data = task.calibration().on(items);
        var work = data.meter(task.model());
        var question = new ScoringTask(task.model(), task.whole(), plans, data, step).counted(work)
                .seen(task.remainder());
        var losses = task.memory().apply(task.verification().criterion()).scores(question).stream()
                .mapToDouble(Criterion.Score::value).toArray();
        return new Losses(losses, work.forwardEquivalents() * task.calibration().times(items));
    }

    /// Runs every plan once.
    static Result of(PlanningTask task, List<Entrant> entrants, Progress progress) {
        var items = task.verification().data();
        try (var step = progress.step("verifying the best plans on %d other examples".formatted(items.size()),
                entrants.size(), "plans")) {
            var found = losses(task, entrants.stream().map(Entrant::removed).toList(), step);
            var losses = found.losses;
            if (Arrays.stream(losses).noneMatch(Double::isFinite)) {
                throw new InputException(
                        "none of the best plans has a finite loss on the verification data. Remove fewer layers");
            }
            var plansByLoss = IntStream.range(0, losses.length).mapToObj(i -> {
                var entrant = entrants.get(i);
                return new Verified(entrant.removed, entrant.total, losses[i], entrant.by);
            }).sorted(Comparator.comparingDouble(Verified::loss)).toList();
            return new Result(plansByLoss, found.cost);
        }
    }
}
