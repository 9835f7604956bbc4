package dev.sglp.data;

import dev.sglp.tensor.SplitMix;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/// Seeded choices of items that are even over the classes and the same on every platform.
public final class Sampling {
    private static final int FEWEST = 4; // of a class that is cut into three parts

    private Sampling() {}

    /// All items in an order whose every beginning is as even over the classes as it can be: rounds of one item a class,
    /// items of a class and classes of a round shuffled. A class that runs out is left out of later rounds.
    ///
    /// @param labels class of each item, `>= 0`
    /// @return a permutation of `[0, labels.length)`
    public static int[] order(int[] labels, long seed) {
        var random = new SplitMix(seed);
        List<int[]> classes = byClass(labels);
        classes.forEach(random::shuffle);
        int rounds = classes.stream().mapToInt(c -> c.length).max().orElse(0);
        int[] order = new int[labels.length];
        int filled = 0;
        for (int round = 0; round < rounds; round++) {
            int[] turn = IntStream.range(0, classes.size()).toArray();
            random.shuffle(turn);
            for (int c : turn) {
                if (round < classes.get(c).length) {
                    order[filled++] = classes.get(c)[round];
                }
            }
        }
        return order;
    }

    /// `count` items, as even over the classes as can be, in shuffled order.
    ///
    /// @throws IllegalArgumentException where there are fewer than `count` items
    public static int[] stratified(int[] labels, int count, long seed) {
        if (count < 0 || count > labels.length) {
            throw new IllegalArgumentException("cannot draw %d of %d items".formatted(count, labels.length));
        }
        int[] drawn = Arrays.copyOf(order(labels, seed), count);
        new SplitMix(SplitMix.mix(seed, count)).shuffle(drawn);
        return drawn;
    }

    /// Cuts the items into parts of 70, 10 and 20 %, class by class: calibration, verification, report. What does not
    /// divide goes to the later part, so a class with at least one item is always reported. Where no class has enough for three
    /// parts, all items are cut as if they were of one.
    ///
    /// @return three disjoint ascending index lists that cover all items
    public static List<int[]> cut(int[] labels, long seed) {
        var random = new SplitMix(SplitMix.mix(seed, 701020));
        int[] partOf = new int[labels.length];
        var classes = byClass(labels);
        boolean few = classes.stream().allMatch(items -> items.length < FEWEST);
        for (int[] items : few ? List.of(IntStream.range(0, labels.length).toArray()) : classes) {
            random.shuffle(items);
            for (int i = 0; i < items.length; i++) {
                partOf[items[i]] = i < items.length * 7L / 10 ? 0 : i < items.length * 8L / 10 ? 1 : 2;
            }
        }
        return IntStream.range(0, 3)
                .mapToObj(part -> IntStream.range(0, labels.length).filter(i -> partOf[i] == part).toArray()).toList();
    }

    private static List<int[]> byClass(int[] labels) {
        int classes = Arrays.stream(labels).max().orElse(-1) + 1;
        int[] sizes = new int[classes];
        Arrays.stream(labels).forEach(label -> sizes[label]++);
        List<int[]> lists = Arrays.stream(sizes).mapToObj(int[]::new).toList();
        int[] filled = new int[classes];
        for (int i = 0; i < labels.length; i++) {
            lists.get(labels[i])[filled[labels[i]]++] = i;
        }
        return lists;
    }
}
