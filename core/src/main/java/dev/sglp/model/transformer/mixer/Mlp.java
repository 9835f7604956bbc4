package dev.sglp.model.transformer.mixer;

import dev.sglp.model.transformer.linear.Linear;
import dev.sglp.tensor.Seed;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;

/// A multilayer perceptron, plain or with a gate (Shazeer 2020, arXiv 2002.05202, equation 6).
///
/// @param entry the maps that the input goes through
/// @param down  `[D, I]`
public record Mlp(Entry entry, Linear down, Activation activation) implements Mixer {
    /// The maps that the input goes through.
    public sealed interface Entry {
        /// One map, then the bend.
        ///
        /// @param up `[I, D]`
        record Plain(Linear up) implements Entry {}

        /// A gate beside it, which is bent.
        ///
        /// @param gate `[I, D]`
        /// @param up   `[I, D]`
        record Gated(Linear gate, Linear up) implements Entry {}

        /// The same in one map, the gate's rows first.
        ///
        /// @param both `[2 I, D]`
        record Fused(Linear both) implements Entry {}

        /// The same on other tensors.
        default Entry mapped(UnaryOperator<Tensor> other) {
            return switch (this) {
                case Plain plain -> new Plain(plain.up.mapped(other));
                case Gated gated -> new Gated(gated.gate.mapped(other), gated.up.mapped(other));
                case Fused fused -> new Fused(fused.both.mapped(other));
            };
        }

        private Entry reinitialised(Seed seed, double std) {
            return switch (this) {
                case Plain plain -> new Plain(plain.up.reinitialised(seed, std));
                case Gated gated -> new Gated(gated.gate.reinitialised(seed, std), gated.up.reinitialised(seed, std));
                case Fused fused -> new Fused(fused.both.reinitialised(seed, std));
            };
        }

        private SequencedMap<String, Tensor> parameters() {
            return switch (this) {
                case Plain plain -> plain.up.parameters();
                case Gated gated -> {
                    var all = new LinkedHashMap<>(gated.gate.parameters());
                    all.putAll(gated.up.parameters());
                    yield all;
                }
                case Fused fused -> fused.both.parameters();
            };
        }
    }

    @Override
    public Tensor addedTo(Tensor residual, Tensor x) { // [B, T, D]
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

    /// What the down map multiplies: `a(x W_uᵀ)`, with a gate `a(x W_gᵀ) ⊙ x W_uᵀ`.
    @Override
    public Tensor inner(Tensor x) { // [B, T, D] → [B, T, I]
        return switch (entry) {
            case Entry.Plain(var up) -> activation.of(up.forward(x));
            case Entry.Gated(var gate, var up) -> activation.of(gate.forward(x)).mul(up.forward(x));
            case Entry.Fused(var both) -> {
                var rows = both.forward(x);
                long half = rows.size(-1) / 2;
                yield activation.of(rows.narrow(-1, 0, half)).mul(rows.narrow(-1, half, half));
            }
        };
    }

    @Override
    public Mlp with(Linear output) {
        return new Mlp(entry, output, activation);
    }

    @Override
    public Mlp divided(double factor) {
        return with(down.divided(factor));
    }

    @Override
    public Mlp mapped(UnaryOperator<Tensor> other) {
        return new Mlp(entry.mapped(other), down.mapped(other), activation);
    }

    @Override
    public Mlp reinitialised(Seed seed, double std) {
        return new Mlp(entry.reinitialised(seed, std), down.reinitialised(seed, std), activation);
    }

    @Override
    public SequencedMap<String, Tensor> parameters() {
        var all = new LinkedHashMap<>(entry.parameters());
        all.putAll(down.parameters());
        return all;
    }
}
