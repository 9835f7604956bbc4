package dev.sglp.method;

import dev.sglp.importance.Criterion;
import dev.sglp.model.LayerSet;
import dev.sglp.progress.Progress;
import dev.sglp.pruning.PruningPlan.Scored;
import dev.sglp.pruning.PruningPlan.Verified;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/// Exchanges one layer that goes for one that stays, as long as that lowers the loss on the verification data and the budget lasts. The
/// most promising by the layers' own scores are scored on the calibration data, and the best of these are verified.
final class Polish {
    private static final int TOGETHER = 4; // plans that are run side by side
    private static final int SCORED = 4; // plans that are scored for each that is verified
    private static final String BY = "polish";

    private final PlanningTask task;
    private final Criterion criterion;
    private final Map<Integer, Double> single;

    /// @param task      the question
    /// @param criterion scores plans on the calibration data
    /// @param singles   how much each layer alone is missed: an exchange promises what the layer that is to stay is missed more
    Polish(PlanningTask task, Criterion criterion, List<Scored> singles) {
        this.task = task;
        this.criterion = criterion;
        this.single = new HashMap<>();
        singles.forEach(s -> single.put(s.layers().indices().getFirst(), s.score()));
    }

    /// @param plans those that were verified, lowest loss first
    /// @return the same with every better one that was found before them, and the whole cost
    Finals.Result of(Finals.Result held, Progress progress) {
        int budget = task.limits().polish();
        if (budget == 0) {
            return held;
        }
        var tried = new HashSet<>(held.plans().stream().map(Verified::removed).toList());
        var all = new ArrayList<>(held.plans());
        var best = held.plans().getFirst();
        double cost = held.cost();
        try (var step = progress.step("exchanging one layer of the best plan at a time", budget, "plans")) {
            while (budget > 0) {
                int room = Math.min(TOGETHER, budget);
                var promising = exchanges(best.removed()).stream().filter(plan -> !tried.contains(plan))
                        .limit((long) SCORED * room).toList();
                var question = task.question(promising, Progress.Silent.INSTANCE);
                var next = lowest(promising, promising.size() > room ? criterion.scores(question) : List.of(), room);
                cost += question.work().forwardEquivalents();
                if (next.isEmpty()) {
                    break;
                }
                tried.addAll(next);
                budget -= next.size();
                double[] losses = held.heats().better(next, best.removed(), step);
                cost += held.heats().cost();
                for (int i = 0; i < next.size(); i++) {
                    if (losses[i] < best.loss()) {
                        best = new Verified(next.get(i), Double.NaN, losses[i], BY);
                    }
                }
                if (!all.contains(best)) {
                    all.add(best);
                }
            }
        }
        all.sort(Comparator.comparingDouble(Verified::loss));
        return new Finals.Result(List.copyOf(all), cost, held.heats());
    }

    /// @param scores of the plans; none where all have room
    private static List<LayerSet> lowest(List<LayerSet> plans, List<Criterion.Score> scores, int room) {
        return scores.isEmpty()
                ? plans
                : IntStream.range(0, plans.size()).boxed()
                        .sorted(Comparator.comparingDouble(
                                i -> scores.get(i).finite() ? scores.get(i).value() : Double.POSITIVE_INFINITY))
                        .limit(room).map(plans::get).toList();
    }

    private List<LayerSet> exchanges(LayerSet plan) {
        record Exchange(LayerSet plan, double promise) {}
        var all = new ArrayList<Exchange>();
        for (int out : plan.indices()) {
            for (int in : task.open()) {
                if (!plan.contains(in)) {
                    var indices = new ArrayList<>(plan.indices());
                    indices.remove(Integer.valueOf(out));
                    indices.add(in);
                    all.add(new Exchange(new LayerSet(indices),
                            single.getOrDefault(in, 0.0) - single.getOrDefault(out, 0.0)));
                }
            }
        }
        return all.stream().sorted(Comparator.comparingDouble(Exchange::promise)).map(Exchange::plan).toList();
    }
}
