package dev.sglp.method.search;

import dev.sglp.importance.CandidateSearch.ScoredSet;
import dev.sglp.model.LayerSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// Whole plans, one set from each segment, by the sum of their scores.
public final class BestPlans {
    private static final Comparator<Plan> ORDER = Comparator.comparingDouble(Plan::total).thenComparing(Plan::removed);

    private BestPlans() {}

    /// @param total the sum of its sets' scores
    public record Plan(LayerSet removed, double total) {
        private Plan with(ScoredSet set) {
            return new Plan(removed.union(set.layers()), total + set.score().value());
        }
    }

    /// The `count` plans that remove `remove` layers with the smallest sum, exactly: a plan among them can only use sets among
    /// each segment's best `count` of their size, so the segments are joined one by one and cut back each time.
    ///
    /// @param segments the sets of each, those of a size lowest first
    public static List<Plan> of(List<List<ScoredSet>> segments, int remove, int count) {
        var plans = Map.of(0, List.of(new Plan(LayerSet.EMPTY, 0)));
        for (var sets : segments) {
            var offers = sets.stream().collect(Collectors.groupingBy(set -> set.layers().size()));
            var joined = new HashMap<Integer, List<Plan>>();
            for (int size = 0; size <= remove; size++) {
                joined.put(size, joined(plans, offers, size, count));
            }
            plans = joined;
        }
        return plans.getOrDefault(remove, List.of());
    }

    /// The best of this size.
    private static List<Plan> joined(Map<Integer, List<Plan>> plans, Map<Integer, List<ScoredSet>> offers, int size,
            int count) {
        return plans.entrySet().stream().filter(e -> e.getKey() <= size)
                .flatMap(e -> offers.getOrDefault(size - e.getKey(), List.of()).stream().limit(count)
                        .flatMap(set -> e.getValue().stream().map(plan -> plan.with(set))))
                .sorted(ORDER).limit(count).toList();
    }
}
