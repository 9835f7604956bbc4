package dev.sglp.data.text;

import dev.sglp.data.Batch;
import dev.sglp.tensor.SplitMix;
import java.util.Arrays;
import java.util.stream.IntStream;

/// Which tokens of a window are masked: about 15 of 100 of its own, as masked language models are trained, at least one. A window has
/// the same ones in every run; a training draws them anew in each pass.
///
/// @param places in the window, ascending
/// @param mask   the token that stands there
record Masking(int[] places, int mask) {
    /// What people read.
    static final String WORDS = "15 % of the others masked";
    private static final double SHARE = 0.15;

    /// @param draw what tells them from others: of a window its number in the text
    /// @param from   the first of its own tokens
    /// @param to     behind the last
    static Masking of(long draw, int from, int to, int mask) {
        int[] own = IntStream.range(from, to).toArray();
        new SplitMix(SplitMix.mix(draw, own.length)).shuffle(own);
        int count = Math.max(1, (int) Math.round(SHARE * own.length));
        int[] places = Arrays.copyOf(own, Math.min(count, own.length));
        Arrays.sort(places);
        return new Masking(places, mask);
    }

    long count() {
        return places.length;
    }

    /// In a window that begins at `at`: the masked tokens become targets, all others have none.
    void put(long[] inputs, long[] targets, int at, int width) {
        Arrays.fill(targets, at, at + width, Batch.NO_TARGET);
        for (int place : places) {
            targets[at + place] = inputs[at + place];
            inputs[at + place] = mask;
        }
    }
}
