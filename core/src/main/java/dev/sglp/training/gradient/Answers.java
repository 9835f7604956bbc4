package dev.sglp.training.gradient;

/// What a teacher said of some windows, kept: it need not be asked again.
public interface Answers {
    /// Of one window, a row for each of its tokens, in the current scope.
    Known of(int window);

    /// What they take of the memory.
    default long bytes() {
        return 0;
    }
}
