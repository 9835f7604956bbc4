package dev.sglp.data;

/// Random numbers that are the same on every platform and in every version: SplitMix64
/// (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014). Not thread-safe.
public final class SplitMix {
    private static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;
    private long state;

    public SplitMix(long seed) {
        state = seed;
    }

    /// A seed for one of many streams: the same numbers give the same stream, others an unrelated one.
    public static long mix(long seed, long stream) {
        return new SplitMix(new SplitMix(seed).nextLong() ^ stream * GOLDEN_GAMMA).nextLong();
    }

    public long nextLong() {
        state += GOLDEN_GAMMA;
        long z = state;
        z = (z ^ z >>> 30) * 0xBF58476D1CE4E5B9L;
        z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
        return z ^ z >>> 31;
    }

    /// In `[0, 1)`.
    public double nextDouble() {
        return (nextLong() >>> 11) * 0x1p-53;
    }

    /// In `[from, to)`.
    public double between(double from, double to) {
        return from + (to - from) * nextDouble();
    }

    /// In `[0, bound)`.
    public int below(int bound) {
        return (int) Math.unsignedMultiplyHigh(nextLong(), (long) bound);
    }

    /// Shuffles in place (Fisher and Yates).
    public void shuffle(int[] items) {
        for (int i = items.length - 1; i > 0; i--) {
            int j = below(i + 1);
            int held = items[i];
            items[i] = items[j];
            items[j] = held;
        }
    }
}
