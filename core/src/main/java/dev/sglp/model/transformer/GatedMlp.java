package dev.sglp.model.transformer;

import dev.sglp.tensor.Seed;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/// SwiGLU (Shazeer 2020, arXiv 2002.05202, equation 6).
///
/// @param gate `[I, D]`
/// @param up   `[I, D]`
/// @param down `[D, I]`
public record GatedMlp(Linear gate, Linear up, Linear down) {
    /// `residual + (silu(x W_gᵀ) ⊙ x W_uᵀ) W_dᵀ`
    public Tensor addedTo(Tensor residual, Tensor x) { // [B, T, D]
        return down.addedTo(residual, inner(x));
    }

    /// What the down map multiplies: `silu(x W_gᵀ) ⊙ x W_uᵀ`.
    Tensor inner(Tensor x) { // [B, T, D] → [B, T, I]
        return torch.silu(gate.forward(x)).mul(up.forward(x));
    }

    /// The same on other tensors.
    public GatedMlp mapped(UnaryOperator<Tensor> other) {
        return new GatedMlp(gate.mapped(other), up.mapped(other), down.mapped(other));
    }

    /// The same with freshly drawn weights.
    public GatedMlp reinitialised(Seed seed, double std) {
        return new GatedMlp(gate.reinitialised(seed, std), up.reinitialised(seed, std), down.reinitialised(seed, std));
    }

    public SequencedMap<String, Tensor> parameters() {
        var all = new LinkedHashMap<>(gate.parameters());
        all.putAll(up.parameters());
        all.putAll(down.parameters());
        return all;
    }
}
