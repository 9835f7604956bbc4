package dev.sglp.data.text;

import java.util.Arrays;
import java.util.BitSet;

/// Cuts tokens into windows and lays them one after the other.
final class WindowCutter {
    private final int length;
    private final int least;
    private int[] ids = new int[0];
    private int[] starts = {0};
    private int filled;
    private int windows;
    private int leftOut;
    private final BitSet silent = new BitSet();

    /// @param length tokens a window
    /// @param least  tokens that a short window needs at least
    WindowCutter(int length, int least) {
        this.length = length;
        this.least = least;
    }

    /// Full windows only.
    void text(int[] tokens) {
        add(tokens, length);
    }

    /// The last window may be short.
    void document(int[] tokens) {
        add(tokens, Math.min(length, least));
    }

    /// The same of a document of which some tokens alone are predicted: a window in which none is, is left out.
    void document(int[] tokens, BitSet predicted) {
        for (int from = 0; from < tokens.length; from += length) {
            int to = Math.min(tokens.length, from + length);
            int next = predicted.nextSetBit(from + 1); // the first of a window is not predicted
            if (next < 0 || next >= to) {
                leftOut += to - from;
                continue;
            }
            for (int i = from; i < to; i++) {
                silent.set(filled + i - from, !predicted.get(i));
            }
            filled += to - from;
            close();
            append(tokens, from, to);
        }
    }

    private void add(int[] tokens, int shortest) {
        int from = 0;
        while (tokens.length - from >= shortest && tokens.length > from) {
            int taken = Math.min(length, tokens.length - from);
            filled += taken;
            close();
            from += taken;
        }
        append(tokens, 0, from);
        leftOut += tokens.length - from;
    }

    private void close() {
        if (++windows == starts.length) {
            starts = Arrays.copyOf(starts, 2 * starts.length);
        }
        starts[windows] = filled;
    }

    /// Behind what was there before these tokens were cut.
    private void append(int[] tokens, int from, int to) {
        int before = filled - (to - from);
        if (ids.length < filled) {
            ids = Arrays.copyOf(ids, Math.max(filled, before == 0 ? 0 : 2 * ids.length));
        }
        System.arraycopy(tokens, from, ids, before, to - from);
    }

    int[] ids() {
        return Arrays.copyOf(ids, filled);
    }

    /// Where each window begins, and where the last one ends.
    int[] starts() {
        return Arrays.copyOf(starts, windows + 1);
    }

    /// Which tokens are not predicted.
    BitSet silent() {
        return silent;
    }

    int leftOut() {
        return leftOut;
    }
}
