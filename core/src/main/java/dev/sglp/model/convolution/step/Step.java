package dev.sglp.model.convolution.step;

import dev.sglp.model.Pass;
import dev.sglp.tensor.Seed;
import java.util.Collections;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;

/// What an activation goes through, one after the other: a convolution, a norm, a rectifier, a pooling.
public interface Step {
    Tensor forward(Tensor x, Pass pass);

    /// The same, which may write its output in the place of the input.
    default Tensor overwriting(Tensor x, Pass pass) {
        return forward(x, pass);
    }

    /// What it does with stored statistics to each channel of a convolution before it; empty where that is no factor and no shift.
    default Optional<ChannelMap> channelMap() {
        return Optional.empty();
    }

    /// Its trainable tensors by their names in the checkpoint.
    default SequencedMap<String, Tensor> parameters() {
        return Collections.emptySortedMap();
    }

    /// Its other tensors by their names in the checkpoint.
    default SequencedMap<String, Tensor> buffers() {
        return Collections.emptySortedMap();
    }

    /// The same on other tensors, each found from its own by `other`.
    default Step mapped(UnaryOperator<Tensor> other) {
        return this;
    }

    /// The same with random weights by the family's own initialisation.
    default Step reinitialised(Seed seed) {
        return this;
    }
}
