package dev.sglp;

import dev.sglp.evaluation.Memory;
import dev.sglp.tensor.NativeHeap;

/// Resident memory, but for what is free and only kept: how much of that there is depends on the tests before.
public final class HeldMemory {
    private HeldMemory() {}

    public static long bytes() {
        System.gc();
        NativeHeap.trim();
        return Memory.residentBytes();
    }
}
