package dev.sglp.model;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/// What the network was trained for.
@FunctionalInterface
public interface Objective {
    /// The mean loss over the batch, a scalar in nats.
    ///
    /// @param output  what the head gives
    /// @param targets what the batch carries
    Tensor loss(Tensor output, Tensor targets);

    /// Cross-entropy of class logits `[B, C]` with class indices `[B]`.
    static Objective crossEntropy() {
        return smoothedCrossEntropy(0);
    }

    /// Cross-entropy with label smoothing: the target is `1 − ε` on the class and `ε/C` everywhere.
    static Objective smoothedCrossEntropy(double epsilon) {
        return (logits, classes) -> torch.cross_entropy_loss(logits, classes, new TensorOptional(), 1, -100, epsilon);
    }
}
