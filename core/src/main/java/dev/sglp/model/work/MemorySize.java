package dev.sglp.model.work;

/// Bytes in the words that `--memory` takes.
public final class MemorySize {
    private static final long KILO = 1L << 10;
    private static final long MEGA = 1L << 20;

    private MemorySize() {}

    /// `6144m`, rounded up.
    public static String words(long bytes) {
        return Math.ceilDiv(bytes, MEGA) + "m";
    }

    /// What was asked for: the same, but to the byte below a megabyte, `300k` or `100`.
    public static String typed(long bytes) {
        if (bytes >= MEGA) {
            return words(bytes);
        }
        return bytes % KILO == 0 ? bytes / KILO + "k" : String.valueOf(bytes);
    }
}
