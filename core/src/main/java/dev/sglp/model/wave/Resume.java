package dev.sglp.model.wave;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/// Keeps how far long work has come, so that work that is stopped goes on there.
public interface Resume {
    /// Keeps nothing.
    Resume NEVER = new Resume() {
        @Override
        public Optional<Kept> find(String work) {
            return Optional.empty();
        }

        @Override
        public void keep(String work, State state) {}
    };

    /// Words and tensors.
    interface State {
        Map<String, String> words();

        /// The tensors' names.
        List<String> names();

        /// A tensor, at least as long as the scope that is open. Asked for more than once.
        Tensor read(String name);
    }

    /// A state that a stopped run has left. Close it.
    interface Kept extends State, AutoCloseable {
        @Override
        void close();
    }

    /// The last state of this work.
    Optional<Kept> find(String work);

    /// Keeps this state in the place of the last one, unless that is still fresh.
    ///
    /// @param work everything that tells it from other work for the same scores
    void keep(String work, State state);
}
