package dev.sglp.model;

import org.bytedeco.pytorch.Tensor;

/// Sees each layer's input and output during a forward pass. The tensors live in the pass's scope: add to a running number,
/// keep none.
@FunctionalInterface
public interface Tap {
    /// @param layer index of the layer in the model that runs
    void layer(int layer, Tensor input, Tensor output);

    /// The pass is through, or broke off; nothing comes after this.
    default void ended() {}

    /// Sees nothing.
    Tap NONE = (layer, input, output) -> {};
}
