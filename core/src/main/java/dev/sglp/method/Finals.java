package dev.sglp.method;

import dev.sglp.data.Dataset;
import dev.sglp.fault.InputException;
import dev.sglp.importance.Criterion;
import dev.sglp.importance.ScoringTask;
import dev.sglp.method.decision.Decision;
import dev.sglp.method.decision.Heats;
import dev.sglp.method.decision.Heats.Losses;
import dev.sglp.model.LayerSet;
import dev.sglp.model.repair.Remainder;
import dev.sglp.progress.Progress;
import dev.sglp.pruning.PruningPlan.Verified;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The best plans run once on the verification data: other examples than the choice was made on, and more of them.
final class Finals {
    private static final int FEW = 4; // plans that are repaired whole

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

    /// @param plans those that were run on all of the verification data, with their mean loss, lowest first; after {@link #last} those that were
    ///              repaired whole before the others
    /// @param cost  of finding out, in passes of the dense network over the calibration data
    /// @param heats what is known of the plans besides
    record Result(List<Verified> plans, double cost, Heats heats) {
        LayerSet winner() {
            return plans.getFirst().removed();
        }
    }

    private static Heats heats(PlanningTask task, Remainder seen) {
        boolean dear = task.model().layout().tokens() && task.verification().by() instanceof Decision.OnData;
        return new Heats(task.verification().data(), dear,
                (plans, items, step) -> losses(task, plans, items, seen, step));
    }

    /// Remembered like scores.
    private static Losses losses(PlanningTask task, List<LayerSet> plans, Dataset items, Remainder seen,
            Progress.Step step) {
        var data = task.calibration().on(items);
        var work = data.meter(task.model());
        var question = new ScoringTask(task.model(), task.whole(), plans, data, step).counted(work).seen(seen);
        var losses = task.memory().apply(task.verification().criterion()).scores(question).stream()
                .mapToDouble(Criterion.Score::value).toArray();
        return new Losses(losses, work.forwardEquivalents() * task.calibration().times(items));
    }

    /// Looks at the best few again, repaired whole, where all were looked at as repaired: then the order of these counts. The losses of the
    /// others, as gaps are repaired, say nothing beside theirs; they follow.
    static Result last(PlanningTask task, Result held, Progress progress) {
        if (task.finals().equals(task.remainder())) {
            return held;
        }
        int few = task.model().layout().tokens() ? Auto.WHOLE_OF_TEXT : FEW;
        var best = held.plans.subList(0, Math.min(few, held.plans.size()));
        try (var step = progress.step("repairing the best plans whole and verifying them again", 2L * best.size(),
                "steps")) {
            var plans = best.stream().map(Verified::removed).toList();
            repair(task, plans, step);
            var found = losses(task, plans, task.verification().data(), task.finals(), step);
            var again = verified(
                    best.stream().map(plan -> new Entrant(plan.removed(), plan.total(), plan.by())).toList(),
                    found.losses());
            var others = held.plans.subList(best.size(), held.plans.size());
            return new Result(Stream.concat(again.stream().map(plan -> plan.repaired(true)),
                    others.stream().map(plan -> plan.repaired(false))).toList(), held.cost + found.cost(), held.heats);
        }
    }

    /// Runs a few plans, each as the last few are looked at; of text on a quarter alone, which tells apart what is far apart.
    static Result few(PlanningTask task, List<Entrant> entrants, Progress progress) {
        var heats = heats(task, task.finals());
        try (var step = progress.step(
                "comparing %d plans on %d other examples".formatted(entrants.size(), heats.firstItems()),
                2L * entrants.size(), "steps")) {
            var plans = entrants.stream().map(Entrant::removed).toList();
            repair(task, plans, step);
            var plansByLoss = verified(entrants, finite(heats.first(plans, step)));
            return new Result(List.copyOf(plansByLoss), heats.cost(), heats);
        }
    }

    /// They are kept until they are verified.
    private static void repair(PlanningTask task, List<LayerSet> plans, Progress.Step step) {
        plans.forEach(plan -> {
            task.finals().without(plan);
            step.advance(1);
        });
    }

    /// Lowest loss first.
    private static List<Verified> verified(List<Entrant> entrants, double[] losses) {
        return IntStream.range(0, entrants.size()).mapToObj(i -> {
            var entrant = entrants.get(i);
            return new Verified(entrant.removed, entrant.total, losses[i], entrant.by);
        }).sorted(Comparator.comparingDouble(Verified::loss)).collect(Collectors.toCollection(ArrayList::new));
    }

    /// @throws InputException where none of them is
    private static double[] finite(double[] losses) {
        if (Arrays.stream(losses).noneMatch(Double::isFinite)) {
            throw new InputException(
                    "none of the best plans has a finite loss on the verification data. Remove fewer layers");
        }
        return losses;
    }

    /// Runs the plans, those that fall behind on a part alone ({@link Heats}).
    static Result of(PlanningTask task, List<Entrant> entrants, Progress progress) {
        var heats = heats(task, task.remainder());
        int ahead = heats.ahead(entrants.size());
        try (var step = progress.step(
                "verifying the best plans on %d other examples".formatted(task.verification().data().size()),
                heats.steps(entrants.size()),
                "steps")) {
            double[] losses = finite(heats.best(entrants.stream().map(Entrant::removed).toList(), step));
            var plansByLoss = verified(entrants, losses).stream()
                    .filter(plan -> entrants.size() == ahead || !Double.isNaN(plan.loss())).toList();
            if (ahead < entrants.size()) {
                progress.say("%d of %d plans went on after the first quarter of them.".formatted(plansByLoss.size(),
                        entrants.size()));
            }
            return new Result(plansByLoss, heats.cost(), heats);
        }
    }
}
