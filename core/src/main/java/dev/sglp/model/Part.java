package dev.sglp.model;

import dev.sglp.tensor.DType;
import dev.sglp.tensor.Seed;
import java.util.Collections;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;

/// A piece of a network between two activations.
public interface Part {
    /// The output for `x`, in the current scope. Several threads may ask at the same time.
    Tensor forward(Tensor x, Pass pass);

    /// The same pass, recorded for a derivative the part knows itself, nothing of it by autograd; empty where it leaves that
    /// to autograd.
    ///
    /// @param x stays the caller's and lives as long as the recording
    default Optional<Recording> recorded(Tensor x, Pass pass) {
        return Optional.empty();
    }

    /// The same part as it is now for stored statistics alone, faster where it knows how; new tensors belong to the current
    /// scope. Its `forward` may write the output in the place of the input.
    default Part frozen() {
        return this;
    }

    /// Its trainable tensors by their names in the checkpoint, in order. Views: the model's weights own them.
    SequencedMap<String, Tensor> parameters();

    /// Its other tensors, for instance running statistics.
    default SequencedMap<String, Tensor> buffers() {
        return Collections.emptySortedMap();
    }

    /// The same on other tensors, each found from its own by `other`, for instance in another element type. A tensor that
    /// stands in two parts is asked for twice.
    ///
    /// @throws UnsupportedOperationException where the part does not know how
    default Part mapped(UnaryOperator<Tensor> other) {
        throw new UnsupportedOperationException(getClass().getName() + " cannot be put on other tensors");
    }

    /// The same part computing in another element type.
    ///
    /// @param cast makes a tensor one of that type
    default Part in(DType type, UnaryOperator<Tensor> cast) {
        return mapped(cast);
    }

    /// The same part with random weights by the family's own initialisation. What is drawn for a tensor depends on the seed's value and
    /// draw and on the tensor's name alone; tensors that are tied to another part's are drawn for each.
    ///
    /// @throws UnsupportedOperationException where it has weights and does not know how
    default Part reinitialised(Seed seed) {
        if (parameters().isEmpty()) {
            return this;
        }
        throw new UnsupportedOperationException(
                getClass().getName() + " does not know how its weights are initialised");
    }

    /// Multiply-accumulate operations for one example of the network's own input size; 0 where unknown.
    default long macs() {
        return 0;
    }

    /// Whether what it keeps of a text of so many tokens (keys and values) is still good when the text has grown.
    default boolean keeps(long length, long grown) {
        return true;
    }

    /// Bytes it keeps of each token of context while text is generated (keys and values); 0 where it keeps nothing.
    default long cacheBytesPerToken() {
        return 0;
    }
}
