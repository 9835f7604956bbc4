package dev.sglp.model;

import org.bytedeco.pytorch.Tensor;

/// One pass through a part that knows its own derivative, with what its way back needs. It owns its tensors; free it.
public interface Recording {
    /// What the part gave for its input.
    Tensor output();

    /// The vector-Jacobian product, in the current scope.
    ///
    /// @param vector  gradient of the loss with respect to the output; it may be overwritten
    /// @param weights whether the parameters' gradients are wanted
    /// @param input   whether the input's is
    /// @return the parameters' gradients in the part's order where wanted, then the input's where wanted
    Tensor[] backward(Tensor vector, boolean weights, boolean input);

    void free();
}
