package dev.sglp.training.gradient;

/// How the windows of a step go through a network: some at a time, whose gradients are summed.
///
/// @param again  whether layers are run again on the way back, so that of each its input alone is kept until then
/// @param tokens of a pass, at the most; a window goes whole
public record Passes(boolean again, long tokens) {
    /// Everything is kept, of some thousand tokens.
    public static final Passes USUAL = new Passes(false, 2048);

    /// Windows of a pass.
    ///
    /// @param places  tokens of all windows
    /// @param windows how many there are
    public int together(long places, int windows) {
        return Math.toIntExact(Math.max(1, tokens * windows / Math.max(1, places)));
    }
}
