package dev.sglp.evaluation.latency;

import java.util.Arrays;
import java.util.List;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;

/// Runs several things in turn, round by round, forwards and backwards, so that whatever else the machine does meets all of
/// them alike; until it is known how much faster the others are than the first, or the time is over. One alone runs until its
/// own median is known.
///
/// @param clock nanoseconds
/// @param told  nanoseconds that passed since it was told last
public record Rounds(LongSupplier clock, LongConsumer told) {
    /// After so many it is first asked whether they are enough; then after half as many again. Looking after each round would
    /// stop at a lucky streak too often.
    public static final int FIRST_LOOK = 8;
    private static final double GROWTH = 1.5;
    private static final int MOST = 1000;
    private static final double NARROW = 0.03;

    /// @param runs   each does its work once and says how many nanoseconds it took
    /// @param budget nanoseconds; the first round is run in any case
    /// @return of each thing its time in each round
    public long[][] of(List<LongSupplier> runs, long budget) {
        var nanos = new long[runs.size()][MOST];
        long start = clock.getAsLong();
        long now = start;
        int done = 0;
        int look = FIRST_LOOK;
        while (done < MOST && (done == 0 || now - start + (now - start) / done <= budget)) {
            for (int i = 0; i < runs.size(); i++) {
                int run = done % 2 == 0 ? i : runs.size() - 1 - i;
                nanos[run][done] = runs.get(run).getAsLong();
            }
            done++;
            told.accept(clock.getAsLong() - now);
            now = clock.getAsLong();
            if (done == look) {
                if (known(nanos, done)) {
                    break;
                }
                look = (int) Math.ceil(GROWTH * look);
            }
        }
        int rounds = done;
        return Arrays.stream(nanos).map(n -> Arrays.copyOf(n, rounds)).toArray(long[][]::new);
    }

    private static boolean known(long[][] nanos, int rounds) {
        if (nanos.length == 1) {
            return MedianInterval.of(Arrays.stream(nanos[0], 0, rounds).asDoubleStream().toArray()).within(NARROW);
        }
        return IntStream.range(1, nanos.length).allMatch(i -> ratio(nanos[0], nanos[i], rounds).within(NARROW));
    }

    /// How many times as fast the second is as the first: the median over the rounds.
    public static MedianInterval ratio(long[] first, long[] second) {
        return ratio(first, second, first.length);
    }

    private static MedianInterval ratio(long[] first, long[] second, int rounds) {
        return MedianInterval.of(IntStream.range(0, rounds).mapToDouble(r -> (double) first[r] / second[r]).toArray());
    }
}
