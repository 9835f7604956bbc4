package dev.sglp.training.gradient;

import java.util.function.IntToLongFunction;

/// How the windows of a step go through a network: some at a time, whose gradients are summed.
///
/// @param again  whether layers are run again on the way back, so that of each its input alone is kept until then
/// @param tokens of a pass, at the most; a window goes whole
public record Passes(boolean again, long tokens) {
    /// Everything is kept, of some thousand tokens.
    public static final Passes USUAL = new Passes(false, 2048);

    /// Where the pass ends that begins with a window: all of it are filled to be as long as the longest.
    ///
    /// @param windows how many there are
    /// @param length  tokens of a window, by its place
    public int end(int from, int windows, IntToLongFunction length) {
        long longest = length.applyAsLong(from);
        int end = from + 1;
        while (end < windows) {
            longest = Math.max(longest, length.applyAsLong(end));
            if (longest * (end + 1 - from) > tokens) {
                break;
            }
            end++;
        }
        return end;
    }
}
