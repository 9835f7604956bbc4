package dev.sglp.evaluation.latency;

import java.util.function.DoubleSupplier;
import java.util.function.LongToDoubleFunction;

/// How much of a window of text is timed where all of it would take too long.
///
/// @param networks how many are timed in turn
/// @param left     time that is left
/// @param tried    how long the slowest of them takes for so many tokens, in the same unit; the try takes its time too
public record Shortening(int networks, DoubleSupplier left, LongToDoubleFunction tried) {
    private static final int SHORTEST = 16;
    private static final double TRY = 0.25; // of what is left, where a token of a longer window costs no more

    /// Twice as many tokens are tried again, while a try would not take too much of what is left, and the rounds that tell something
    /// fit in what is left then.
    ///
    /// @param window tokens of the whole window
    public long tokens(long window) {
        long known = Math.min(SHORTEST, window);
        tried.applyAsDouble(known); // reads the weights
        double taken = tried.applyAsDouble(known);
        while (known < window && 2 * taken <= TRY * left.getAsDouble()) {
            long next = Math.min(2 * known, window);
            taken = tried.applyAsDouble(next);
            if (networks * Rounds.FIRST_LOOK * taken > left.getAsDouble()) {
                return known;
            }
            known = next;
        }
        return known;
    }
}
