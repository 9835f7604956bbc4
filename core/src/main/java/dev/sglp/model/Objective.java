package dev.sglp.model;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/// What the network was trained for.
@FunctionalInterface
public interface Objective {
    /// The mean loss over the batch, a scalar in nats.
    ///
    /// @param output  what the head gives
    /// @param targets what the batch carries
    Tensor loss(Tensor output, Tensor targets);

    /// What the head's output says.
    enum Answer {
        /// Of each example, its class.
        CLASS,
        /// At each position, the token that comes next.
        NEXT_TOKEN
    }

    default Answer answer() {
        return Answer.CLASS;
    }

    /// Cross-entropy of class logits `[B, C]` with class indices `[B]`.
    static Objective crossEntropy() {
        return smoothedCrossEntropy(0);
    }

    /// Cross-entropy of the next token: logits `[…, V]` with targets `[…]`, the mean in nats over the targets that are not
    /// −100, computed in float32; NaN where there is none.
    static Objective nextToken() {
        return NextToken.INSTANCE;
    }

    /// One of its kind, so that {@link Ending} recognises it.
    enum NextToken implements Objective {
        INSTANCE;

        @Override
        public Answer answer() {
            return Answer.NEXT_TOKEN;
        }

        @Override
        public Tensor loss(Tensor logits, Tensor targets) {
            return torch.cross_entropy_loss(logits.reshape(-1, logits.size(-1)).to(ScalarType.Float),
                    targets.reshape(-1), new TensorOptional(), 1, Ending.NO_TARGET, 0);
        }
    }

    /// Cross-entropy with label smoothing: the target is `1 − ε` on the class and `ε/C` everywhere.
    static Objective smoothedCrossEntropy(double epsilon) {
        return (logits, classes) -> torch.cross_entropy_loss(logits, classes, new TensorOptional(), 1, Ending.NO_TARGET,
                epsilon);
    }
}
