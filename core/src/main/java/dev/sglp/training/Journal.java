package dev.sglp.training;

import java.util.Optional;
import java.util.SequencedMap;
import org.bytedeco.pytorch.Tensor;

/// What is kept of a training while it runs, so that it can go on where it was stopped.
public interface Journal {
    /// Between two steps. With the network's weights it is all that the next step depends on.
    ///
    /// @param record  of the epochs done
    /// @param part    what is done of the next one
    /// @param steps   of the optimizer so far
    /// @param moments the optimizer's running tensors by name, and what is trained beside the network's own; views that change with
    ///                the next step
    record State(TrainingRecord record, Part part, long steps, SequencedMap<String, Tensor> moments) {
        /// Whether an epoch has just ended that was the best so far, or the network as it came is yet.
        public boolean best() {
            return part.batches == 0 && record.endsAtItsBest();
        }
    }

    /// The beginning of an epoch.
    ///
    /// @param batches done
    /// @param lossSum over the items of these batches, nats
    /// @param seconds they took
    record Part(int batches, double lossSum, double seconds) {
        public static Part none() {
            return new Part(0, 0, 0);
        }
    }

    /// What the journal wants between two steps.
    enum Wish {
        /// Nothing.
        GO_ON,
        /// To be told the state.
        KEEP,
        /// To be told the state, and an end.
        STOP
    }

    /// Where to go on, the network's weights put back as they were then; empty to begin at the beginning. Asked once,
    /// before everything else.
    Optional<State> resume();

    /// Told when all of what {@link #resume} gave was copied.
    default void restored() {}

    /// Told before the first epoch, after each, and when it wished for it.
    void keep(State state);

    /// Asked after every step.
    default Wish wish() {
        return Wish.GO_ON;
    }

    /// Gives the network the weights that it had at the best {@link State}, where these were kept.
    ///
    /// @return whether it has them now
    default boolean takeBest() {
        return false;
    }

    /// Told when the training is over, however it ended.
    default void over() {}

    /// Where it keeps all that, as people say it.
    String place();

    /// Keeps nothing.
    static Journal none() {
        return new Journal() {
            @Override
            public Optional<State> resume() {
                return Optional.empty();
            }

            @Override
            public void keep(State state) {}

            @Override
            public String place() {
                return "nowhere";
            }
        };
    }
}
