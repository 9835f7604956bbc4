package dev.sglp.model.transformer.mixer;

import dev.sglp.model.transformer.linear.Linear;
import dev.sglp.tensor.Seed;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/// Two maps with a bend between them: `a(x W₁ᵀ) W₂ᵀ`.
///
/// @param up   `[I, D]`
/// @param down `[D, I]`
public record Mlp(Linear up, Linear down, Activation activation) implements Mixer {
    @Override
    public Tensor addedTo(Tensor residual, Tensor x) {
        return down.addedTo(residual, inner(x));
    }

    @Override
    public Tensor forward(Tensor x) {
        return down.forward(inner(x));
    }

    @Override
    public Optional<Linear> lastMap() {
        return Optional.of(down);
    }

    @Override
    public Tensor inner(Tensor x) { // [B, T, I]
        return activation.of(up.forward(x));
    }

    @Override
    public Mlp with(Linear output) {
        return new Mlp(up, output, activation);
    }

    @Override
    public Mlp divided(double factor) {
        return with(down.mapped(t -> t.mul(new Scalar(1 / factor))));
    }

    @Override
    public Mlp mapped(UnaryOperator<Tensor> other) {
        return new Mlp(up.mapped(other), down.mapped(other), activation);
    }

    @Override
    public Mlp reinitialised(Seed seed, double std) {
        return new Mlp(up.reinitialised(seed, std), down.reinitialised(seed, std), activation);
    }

    @Override
    public SequencedMap<String, Tensor> parameters() {
        var all = new LinkedHashMap<>(up.parameters());
        all.putAll(down.parameters());
        return all;
    }
}
