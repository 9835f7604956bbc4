package dev.sglp;

import dev.sglp.importance.Criterion;
import java.util.function.Supplier;

/// What a long run remembers, so that it need not be found out again when the run was killed.
public interface Notebook {
    /// What `work` finds, or what it found before.
    ///
    /// @param clock told how long the work took where it is not done again
    Analysis analysis(Stopwatch clock, Supplier<Analysis> work);

    /// The same criterion, remembering its scores.
    Criterion remembering(Criterion criterion);

    /// Seconds that remembered scores saved since the last call.
    double saved();

    /// Remembers nothing.
    static Notebook none() {
        return new Notebook() {
            @Override
            public Analysis analysis(Stopwatch clock, Supplier<Analysis> work) {
                return work.get();
            }

            @Override
            public Criterion remembering(Criterion criterion) {
                return criterion;
            }

            @Override
            public double saved() {
                return 0;
            }
        };
    }
}
