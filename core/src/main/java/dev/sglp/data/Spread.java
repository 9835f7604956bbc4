package dev.sglp.data;

import dev.sglp.tensor.SplitMix;
import java.util.stream.IntStream;

/// Which of many items are taken.
public final class Spread {
    private Spread() {}

    /// One item of each of `count` equal stretches of `[0, pool)`; other seeds take other items until a stretch is used up.
    public static int[] sample(int pool, int count, long seed) {
        if (count >= pool) {
            return IntStream.range(0, pool).toArray();
        }
        int turn = (int) Math.floorMod(seed, (long) (pool / count));
        int[] chosen = new int[count];
        for (int i = 0; i < count; i++) {
            int from = (int) ((long) i * pool / count);
            int[] order = IntStream.range(from, from + pool / count).toArray();
            new SplitMix(SplitMix.mix(i, count)).shuffle(order);
            chosen[i] = order[turn];
        }
        return chosen;
    }

    /// `count` items of `[0, pool)`, evenly spread.
    public static int[] even(int pool, int count) {
        int most = Math.min(pool, count);
        return IntStream.range(0, most).map(i -> (int) ((2L * i + 1) * pool / (2L * most))).toArray();
    }
}
