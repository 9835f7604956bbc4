package dev.sglp.model;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/// A head that ends in one matrix product without bias: `logits = prepared · Wᵀ`. Knowing it, {@link Ending} never makes
/// the logits of all examples at once.
public interface LinearHead extends Part {
    /// Logits that may exist at a time.
    long LOGITS = 1 << 23;

    /// What is multiplied with the matrix, for instance the normalised hidden state: `[n, D] → [n, D]`.
    ///
    /// Its trainable tensors are all of the head's but the matrix.
    Part prepare();

    /// `[V, D]`; it may be tied to another part's tensor.
    Tensor matrix();

    /// Of how many rows the logits may exist at a time: some tens of megabytes.
    default long rowsAtATime() {
        return Math.max(1, LOGITS / matrix().size(0));
    }

    /// The places of the rows that have a target, `[n]`, among all of `targets`.
    static Tensor targeted(Tensor targets) {
        return targets.reshape(-1).ne(new Scalar((double) Ending.NO_TARGET)).nonzero().squeeze(1);
    }
}
