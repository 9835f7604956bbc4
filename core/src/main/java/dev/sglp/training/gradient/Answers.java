package dev.sglp.training.gradient;

/// What a teacher said of some windows, kept: it need not be asked again.
public interface Answers {
    /// Of one window, a row for each of its tokens, in the current scope.
    Known.Most of(int window);
}
