package dev.sglp.model.transformer.mixer;

import dev.sglp.model.transformer.linear.Linear;
import dev.sglp.tensor.Seed;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/// A gated linear unit (Shazeer 2020, arXiv 2002.05202, equation 6).
///
/// @param entry gate and what it gates
/// @param down  `[D, I]`
public record GatedMlp(Entry entry, Linear down, Activation activation) implements Mixer {
    /// The maps that the input goes through.
    public sealed interface Entry {
        /// Two maps.
        ///
        /// @param gate `[I, D]`
        /// @param up   `[I, D]`
        record Apart(Linear gate, Linear up) implements Entry {}

        /// One map, the gate's rows first.
        ///
        /// @param both `[2 I, D]`
        record Fused(Linear both) implements Entry {}

        /// The same on other tensors.
        default Entry mapped(UnaryOperator<Tensor> other) {
            return switch (this) {
                case Apart apart -> new Apart(apart.gate.mapped(other), apart.up.mapped(other));
                case Fused fused -> new Fused(fused.both.mapped(other));
            };
        }

        private Entry reinitialised(Seed seed, double std) {
            return switch (this) {
                case Apart apart -> new Apart(apart.gate.reinitialised(seed, std), apart.up.reinitialised(seed, std));
                case Fused fused -> new Fused(fused.both.reinitialised(seed, std));
            };
        }

        private SequencedMap<String, Tensor> parameters() {
            return switch (this) {
                case Apart apart -> {
                    var all = new LinkedHashMap<>(apart.gate.parameters());
                    all.putAll(apart.up.parameters());
                    yield all;
                }
                case Fused fused -> fused.both.parameters();
            };
        }
    }

    /// `residual + (a(x W_gᵀ) ⊙ x W_uᵀ) W_dᵀ`
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

    /// What the down map multiplies: `a(x W_gᵀ) ⊙ x W_uᵀ`.
    @Override
    public Tensor inner(Tensor x) { // [B, T, D] → [B, T, I]
        return switch (entry) {
            case Entry.Apart(var gate, var up) -> activation.of(gate.forward(x)).mul(up.forward(x));
            case Entry.Fused(var both) -> {
                var rows = both.forward(x);
                long half = rows.size(-1) / 2;
                yield activation.of(rows.narrow(-1, 0, half)).mul(rows.narrow(-1, half, half));
            }
        };
    }

    @Override
    public GatedMlp with(Linear output) {
        return new GatedMlp(entry, output, activation);
    }

    @Override
    public GatedMlp divided(double factor) {
        return with(down.mapped(t -> t.mul(new Scalar(1 / factor))));
    }

    @Override
    public GatedMlp mapped(UnaryOperator<Tensor> other) {
        return new GatedMlp(entry.mapped(other), down.mapped(other), activation);
    }

    @Override
    public GatedMlp reinitialised(Seed seed, double std) {
        return new GatedMlp(entry.reinitialised(seed, std), down.reinitialised(seed, std), activation);
    }

    @Override
    public SequencedMap<String, Tensor> parameters() {
        var all = new LinkedHashMap<>(entry.parameters());
        all.putAll(down.parameters());
        return all;
    }
}
