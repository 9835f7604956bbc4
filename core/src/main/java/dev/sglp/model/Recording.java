package dev.sglp.model;

import dev.sglp.tensor.Gradient;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/// One pass through a part that knows its own derivative, with what its way back needs. It owns its tensors; free it.
public interface Recording {
    /// What the part gave for its input.
    Tensor output();

    /// The vector-Jacobian product, in the current scope.
    ///
    /// @param vector  gradient of the loss with respect to the output; it may be overwritten
    /// @param weights whether the parameters' gradients are wanted
    /// @param input   whether the input's is
    Products backward(Tensor vector, boolean weights, boolean input);

    /// What a way back gives.
    ///
    /// @param weights the parameters' gradients in the part's order; none where not wanted
    /// @param input   the input's, shaped as it; absent where not wanted
    record Products(List<Gradient> weights, @Nullable Tensor input) {}

    void free();
}
