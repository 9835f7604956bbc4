package dev.sglp.model;

import org.bytedeco.pytorch.Tensor;

/// A head that ends in one matrix product without bias: `logits = prepared · Wᵀ`. Knowing it, {@link Ending} never makes
/// the logits of all examples at once.
public interface LinearHead extends Part {
    /// What is multiplied with the matrix, for instance the normalised hidden state: `[n, D] → [n, D]`.
    ///
    /// Its trainable tensors are all of the head's but the matrix.
    Part prepare();

    /// `[V, D]`; it may be tied to another part's tensor.
    Tensor matrix();
}
