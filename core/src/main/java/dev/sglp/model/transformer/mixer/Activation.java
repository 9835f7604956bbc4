package dev.sglp.model.transformer.mixer;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/// What bends a multilayer perceptron.
public enum Activation {
    /// `x σ(x)`
    SILU,
    /// `x Φ(x)`
    GELU,
    /// GELU by a hyperbolic tangent.
    GELU_TANH,
    /// `x σ(1.702 x)`
    QUICK_GELU,
    /// `max(x, 0)`
    RELU,
    /// `max(x, 0)²`
    RELU_SQUARED;

    private static final double QUICK = 1.702;

    /// Of each number.
    public Tensor of(Tensor x) {
        return switch (this) {
            case SILU -> torch.silu(x);
            case GELU -> torch.gelu(x);
            case GELU_TANH -> torch.gelu(x, "tanh");
            case QUICK_GELU -> x.mul(torch.sigmoid(x.mul(new Scalar(QUICK))));
            case RELU -> torch.relu(x);
            case RELU_SQUARED -> torch.relu(x).square();
        };
    }
}
