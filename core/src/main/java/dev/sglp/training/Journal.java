package dev.sglp.training;

import java.util.Optional;
import java.util.SequencedMap;
import org.bytedeco.pytorch.Tensor;

/// What is kept of a training while it runs, so that it can go on where it was stopped.
public interface Journal {
    /// Between two epochs. With the network's weights it is all that the next epoch depends on.
    ///
    /// @param record  of the epochs done
    /// @param steps   of the optimizer so far
    /// @param moments the optimizer's running tensors by name; views that change with the next step
    record State(TrainingRecord record, long steps, SequencedMap<String, Tensor> moments) {
        /// Whether the last epoch was the best so far.
        public boolean best() {
            return !record.epochs().isEmpty() && record.best().equals(record.last());
        }
    }

    /// Where to go on, the network's weights put back as they were then; empty to begin at the beginning.
    Optional<State> resume();

    /// Told before the first epoch and after each.
    void keep(State state);

    /// Keeps nothing.
    static Journal none() {
        return new Journal() {
            @Override
            public Optional<State> resume() {
                return Optional.empty();
            }

            @Override
            public void keep(State state) {}
        };
    }
}
