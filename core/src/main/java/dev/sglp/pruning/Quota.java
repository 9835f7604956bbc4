package dev.sglp.pruning;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/// How many layers go from each segment.
public enum Quota {
    /// Each segment gives its share.
    PROPORTIONAL {
        @Override
        public List<Integer> most(int remove, List<Integer> removable) {
            return proportional(remove, removable);
        }
    },
    /// Segments give as many as raise the score least: every one offers sets of all sizes. The rises of two segments are
    /// compared, which `gradnorm-skip` is not made for: it sums over other tensors in each segment.
    GLOBAL {
        @Override
        public List<Integer> most(int remove, List<Integer> removable) {
            return removable.stream().map(n -> Math.min(n, remove)).toList();
        }
    };

    /// Whether segments offer smaller sets as well, and share the removal by what they cost.
    public boolean shared() {
        return this == GLOBAL;
    }

    /// How many layers each segment gives when `remove` go; where they share the removal, the most it can be.
    ///
    /// @param removable number of removable layers of each segment
    public abstract List<Integer> most(int remove, List<Integer> removable);

    /// Splits `remove` over the segments in proportion to their removable layers, by largest remainder, ties to the earlier
    /// segment.
    ///
    /// @param removable number of removable layers of each segment
    /// @return how many to remove from each; the sum is `remove`
    public static List<Integer> proportional(int remove, List<Integer> removable) {
        int total = removable.stream().mapToInt(Integer::intValue).sum();
        if (remove < 0 || remove > total) {
            throw new IllegalArgumentException(
                    "%d layers cannot be removed from segments with %s removable layers".formatted(remove, removable));
        }
        var quota = new ArrayList<Integer>();
        var remainders = new ArrayList<Long>(); // in units of 1/total
        for (int layers : removable) {
            long share = (long) remove * layers;
            quota.add(total == 0 ? 0 : (int) (share / total));
            remainders.add(total == 0 ? 0 : share % total);
        }
        int left = remove - quota.stream().mapToInt(Integer::intValue).sum();
        IntStream.range(0, removable.size()).boxed().sorted(Comparator.comparing((Integer s) -> -remainders.get(s)))
                .limit(left).forEach(s -> quota.set(s, quota.get(s) + 1));
        return List.copyOf(quota);
    }
}
