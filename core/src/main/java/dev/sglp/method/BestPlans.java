package dev.sglp.method;

import dev.sglp.importance.CandidateSearch.ScoredSet;
import dev.sglp.model.LayerSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToIntFunction;

/// Whole plans, one set from each segment, by the sum of their scores.
final class BestPlans {
    private BestPlans() {}

    /// @param total the sum of its sets' scores
    record Plan(LayerSet removed, double total) {
        private Plan with(ScoredSet set) {
            return new Plan(removed.union(set.layers()), total + set.score().value());
        }
    }

    /// The `count` plans that remove `remove` layers with the smallest sum, exactly: a plan among them can only use sets among
    /// each segment's best `count` of their size, so the segments are joined one by one and cut back each time.
    static List<Plan> of(List<List<ScoredSet>> segments, int remove, int count) {
        var plans = List.of(new Plan(LayerSet.EMPTY, 0));
        for (var sets : segments) {
            var offered = best(sets, set -> set.layers().size(), count);
            var joined = plans.stream().flatMap(plan -> offered.stream().map(plan::with))
                    .filter(plan -> plan.removed.size() <= remove)
                    .sorted(Comparator.comparingDouble(Plan::total).thenComparing(Plan::removed)).toList();
            plans = best(joined, plan -> plan.removed.size(), count);
        }
        return plans.stream().filter(plan -> plan.removed.size() == remove).toList();
    }

    /// The first `count` of each size.
    private static <T> List<T> best(List<T> ordered, ToIntFunction<T> size, int count) {
        Map<Integer, Integer> seen = new HashMap<>();
        return ordered.stream().filter(item -> seen.merge(size.applyAsInt(item), 1, Integer::sum) <= count).toList();
    }
}
