package dev.sglp;

import dev.sglp.evaluation.Memory;
import dev.sglp.tensor.NativeHeap;

/// Resident memory, but for what is free and only kept: how much of that there is depends on the tests before.
public final class HeldMemory {
    private static final int ROUNDS = 3;

    private HeldMemory() {}

    private static long bytes() {
        System.gc();
        NativeHeap.trim();
        return Memory.residentBytes();
    }

    /// What the loop leaves behind each time: the least growth of three rounds. A loop that keeps something keeps it in every
    /// round; a Java heap that grows, code that is compiled and what other tests left to be freed show in some. The first
    /// round with no more than what is allowed ends it.
    public static long growth(Runnable loop, long allowed) {
        long least = Long.MAX_VALUE;
        for (int round = 0; round < ROUNDS && least > allowed; round++) {
            long before = bytes();
            loop.run();
            least = Math.min(least, bytes() - before);
        }
        return least;
    }
}
