package dev.sglp.method;

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

/// Exchanges one layer that goes for one that stays, promising exchanges first, as long as that lowers the loss on the verification
/// data and the budget lasts.
final class Polish {
    private static final int TOGETHER = 8; // plans that are run side by side
    private static final String BY = "polish";

    private final PlanningTask task;
    private final Map<Integer, Double> single;

    /// @param task    the question
    /// @param singles how much each layer alone is missed: an exchange promises what the layer that is to stay is missed more
    Polish(PlanningTask task, List<Scored> singles) {
        this.task = task;
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
                var next = exchanges(best.removed()).stream().filter(plan -> !tried.contains(plan))
                        .limit(Math.min(TOGETHER, budget)).toList();
                if (next.isEmpty()) {
                    break;
                }
                tried.addAll(next);
                budget -= next.size();
                var found = Finals.losses(task, next, step);
                cost += found.cost();
                for (int i = 0; i < next.size(); i++) {
                    if (found.losses()[i] < best.loss()) {
                        best = new Verified(next.get(i), Double.NaN, found.losses()[i], BY);
                    }
                }
                if (!all.contains(best)) {
                    all.add(best);
                }
            }
        }
        all.sort(Comparator.comparingDouble(Verified::loss));
        return new Finals.Result(List.copyOf(all), cost);
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
