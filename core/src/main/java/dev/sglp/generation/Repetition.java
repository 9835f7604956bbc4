package dev.sglp.generation;

import java.util.HashSet;
import java.util.List;
import java.util.stream.IntStream;

/// How much a text says again: the share of its n-grams that stood in it before (seq-rep-n, Welleck 2020, arXiv 1908.04319).
public final class Repetition {
    private Repetition() {}

    /// `1 − different n-grams / all n-grams`; 0 where the text is shorter than one.
    public static double of(int[] tokens, int n) {
        int all = tokens.length - n + 1;
        if (all <= 0) {
            return 0;
        }
        var seen = new HashSet<List<Integer>>();
        for (int i = 0; i < all; i++) {
            int from = i;
            seen.add(IntStream.range(0, n).map(j -> tokens[from + j]).boxed().toList());
        }
        return 1 - (double) seen.size() / all;
    }
}
