package dev.sglp.similarity;

import dev.sglp.tensor.Seed;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/// Subsets of the calibration examples, drawn without replacement, that show how much a result depends on which examples
/// happened to be there.
///
/// @param items the examples of each subset, ascending
public record Resamples(List<int[]> items) {
    /// Which part of the examples each subset holds.
    public static final double SHARE = 0.8;
    private static final int COUNT = 5;
    private static final int LEAST = 4; // the unbiased estimator needs so many

    public Resamples {
        items = List.copyOf(items);
    }

    /// Five subsets of 80 % of `n` examples; none where that is fewer than four.
    public static Resamples of(int n, long seed) {
        int size = (int) (SHARE * n);
        return new Resamples(size < LEAST
                ? List.of()
                : IntStream.range(0, COUNT).mapToObj(i -> subset(n, size, Seed.of(seed).draw(i))).toList());
    }

    private static int[] subset(int n, int size, Seed seed) {
        int[] all = IntStream.range(0, n).toArray();
        seed.generator("resample").shuffle(all);
        return Arrays.stream(all, 0, size).sorted().toArray();
    }
}
