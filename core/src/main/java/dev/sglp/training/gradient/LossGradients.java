package dev.sglp.training.gradient;

import dev.sglp.data.Dataset;
import java.util.Collections;
import java.util.SequencedMap;
import org.bytedeco.pytorch.Tensor;

/// The loss of a step and its gradients.
public interface LossGradients {
    /// @param loss      mean over what the items ask for, nats, a scalar
    /// @param gradients of the trained tensors in their order
    record Found(Tensor loss, Tensor[] gradients) {}

    /// What the network as it is now says of other items.
    ///
    /// @param loss mean, nats
    /// @param kl   mean KL divergence from the teacher's answers, nats; NaN where there is no teacher
    record Measured(double loss, double kl) {}

    Measured measured(Dataset items);

    /// Told after each step of the optimizer, and when what is trained was put back as it was kept.
    default void stepped() {}

    /// What is trained beside the network's own tensors, by name: it is kept with them.
    default SequencedMap<String, Tensor> beside() {
        return Collections.emptySortedMap();
    }

    /// In the current scope.
    ///
    /// @param chosen  the step's items
    /// @param seed    of the epoch, for what is drawn
    /// @param trained what changes, by name
    Found of(Dataset items, int[] chosen, long seed, SequencedMap<String, Tensor> trained);
}
