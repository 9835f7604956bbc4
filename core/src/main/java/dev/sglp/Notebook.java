package dev.sglp;

import java.util.function.Supplier;

/// What a long run remembers, so that it need not be found out again when the run was killed.
@FunctionalInterface
public interface Notebook {
    /// What `work` finds, or what it found before.
    ///
    /// @param clock told how long the work took where it is not done again
    Analysis analysis(Stopwatch clock, Supplier<Analysis> work);

    /// Remembers nothing.
    static Notebook none() {
        return (_, work) -> work.get();
    }
}
