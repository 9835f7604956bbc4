package dev.sglp.tensor;

/// The random numbers of everything that is drawn here, the same on every machine and in every version: SplitMix64 (Steele, Lea and
/// Flood, "Fast splittable pseudorandom number generators", 2014). Not thread-safe. In 64-bit arithmetic, where `>>>` fills with zeros:
///
/// - {@link #nextLong}: `state += 0x9E3779B97F4A7C15`, `z = (state ^ state >>> 30) · 0xBF58476D1CE4E5B9`,
///   `z = (z ^ z >>> 27) · 0x94D049BB133111EB`, `z ^ z >>> 31`; the state begins as the seed.
/// - {@link #nextDouble}: the upper 53 bits as a fraction of 2⁵³. {@link #below}: the upper half of the 128-bit product with the bound.
/// - {@link #normal}: Marsaglia's polar method. `u = 2 · nextDouble − 1`, then `v` likewise, until `0 < s = u² + v² < 1`; `u · f` and at the
///   next call `v · f`, where `f = √(−2 · ln s / s)` in float64 with fdlibm's logarithm (`StrictMath`).
/// - {@link #shuffle}: Fisher and Yates, from the last item to the second, each changing places with `below(place + 1)`.
public final class SplitMix {
    private static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;
    private long state;
    private double spare = Double.NaN; // the second of two normal numbers

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

    /// A normal number of mean 0 and standard deviation 1.
    public double normal() {
        if (!Double.isNaN(spare)) {
            double held = spare;
            spare = Double.NaN;
            return held;
        }
        double u;
        double v;
        double s;
        do {
            u = 2 * nextDouble() - 1;
            v = 2 * nextDouble() - 1;
            s = u * u + v * v;
        } while (s >= 1 || s == 0);
        double factor = Math.sqrt(-2 * StrictMath.log(s) / s);
        spare = v * factor;
        return u * factor;
    }

    /// Shuffles in place.
    public void shuffle(int[] items) {
        for (int i = items.length - 1; i > 0; i--) {
            int j = below(i + 1);
            int held = items[i];
            items[i] = items[j];
            items[j] = held;
        }
    }
}
