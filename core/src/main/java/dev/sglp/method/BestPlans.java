package dev.sglp.method;

import dev.sglp.importance.CandidateSearch.ScoredSet;
import dev.sglp.model.LayerSet;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// Whole plans, one set from each segment, by the sum of their scores.
final class BestPlans {
    private BestPlans() {}

    /// @param total the sum of its sets' scores
    record Plan(LayerSet removed, double total) {}

    /// The `count` plans with the smallest sum, exactly: a plan among them can only use sets among each segment's best
    /// `count`, so the segments are joined one by one and cut back each time.
    static List<Plan> of(List<List<ScoredSet>> segments, int count) {
        var plans = List.of(new Plan(LayerSet.EMPTY, 0));
        for (var sets : segments) {
            var joined = new ArrayList<Plan>();
            for (var plan : plans) {
                for (var set : sets.subList(0, Math.min(count, sets.size()))) {
                    joined.add(new Plan(plan.removed.union(set.layers()), plan.total + set.score().value()));
                }
            }
            joined.sort(Comparator.comparingDouble(Plan::total).thenComparing(Plan::removed));
            plans = List.copyOf(joined.subList(0, Math.min(count, joined.size())));
        }
        return plans;
    }
}
