package dev.sglp.model.convolution.step;

import dev.sglp.model.Pass;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.MemoryFormat;

/// What bends each number.
public enum Activation implements Step {
    /// Nothing.
    NONE,
    /// `max(x, 0)`
    RELU,
    /// `min(max(x, 0), 6)`
    RELU6,
    /// `x Φ(x)`
    GELU;

    private static final double SIX = 6;

    @Override
    public Tensor forward(Tensor x, Pass pass) {
        return switch (this) {
            case NONE -> x;
            case RELU -> x.relu();
            case RELU6 -> torch.hardtanh(x, new Scalar(0.0), new Scalar(SIX));
            case GELU -> torch.gelu(x);
        };
    }

    @Override
    public Tensor overwriting(Tensor x, Pass pass) {
        return switch (this) {
            case NONE -> x;
            case RELU -> x.relu_();
            case RELU6 -> GradMode.is_enabled() // a clamp's gradient is another at its ends
                    ? torch.hardtanh(x, new Scalar(0.0), new Scalar(SIX))
                    : x.clamp_(new ScalarOptional(new Scalar(0.0)), new ScalarOptional(new Scalar(SIX)));
            case GELU -> torch.gelu(x);
        };
    }

    /// Whether its output may always stand in the place of its input.
    public boolean inPlace() {
        return this == NONE || this == RELU;
    }

    /// Whether the way back is known from the output alone.
    public boolean reversible() {
        return this != GELU;
    }

    /// The gradient before it, from what it gave; in place where `vector` is channels last.
    public Tensor backward(Tensor vector, Tensor output) {
        if (this == NONE) {
            return vector;
        }
        var g = vector.contiguous(MemoryFormat.ChannelsLast);
        switch (this) {
            case RELU -> torch.threshold_backward_out(g, g, output, new Scalar(0.0));
            case RELU6 -> torch.hardtanh_backward_out(g, g, output, new Scalar(0.0), new Scalar(SIX));
            case NONE, GELU -> throw new IllegalStateException(this + " has no way back from its output");
        }
        return g;
    }
}
