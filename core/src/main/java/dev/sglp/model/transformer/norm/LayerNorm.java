package dev.sglp.model.transformer.norm;

import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/// `(x − mean) / √(var + ε) · w + b` over the last dimension (Ba 2016, arXiv 1607.06450, equation 4).
///
/// @param weight  `[D]`, or `[H, D]` where each head has its own; absent for 1
/// @param bias    `[D]`; absent for 0
/// @param epsilon what keeps the root from zero
public record LayerNorm(Optional<Named> weight, Optional<Named> bias, double epsilon) implements Norm {
    /// @param name in the checkpoint
    public record Named(String name, Tensor tensor) {
        Named mapped(UnaryOperator<Tensor> other) {
            return new Named(name, other.apply(tensor));
        }
    }

    @Override
    public Tensor forward(Tensor x) {
        var plain = weight.map(w -> w.tensor.dim() == 1).orElse(true);
        var y = torch.layer_norm(x, new long[]{x.size(-1)}, plain ? optional(weight) : new TensorOptional(),
                optional(bias), epsilon, true);
        return plain ? y : y.mul(weight.orElseThrow().tensor);
    }

    private static TensorOptional optional(Optional<Named> named) {
        return named.map(n -> new TensorOptional(n.tensor)).orElseGet(TensorOptional::new);
    }

    @Override
    public LayerNorm reinitialised() {
        return new LayerNorm(weight.map(w -> new Named(w.name, torch.ones_like(w.tensor))),
                bias.map(b -> new Named(b.name, torch.zeros_like(b.tensor))), epsilon);
    }

    @Override
    public LayerNorm mapped(UnaryOperator<Tensor> other) {
        return new LayerNorm(weight.map(w -> w.mapped(other)), bias.map(b -> b.mapped(other)), epsilon);
    }

    @Override
    public Tensor unweighted(Tensor x) {
        return torch.layer_norm(x, new long[]{x.size(-1)}, new TensorOptional(), new TensorOptional(), epsilon, true);
    }

    @Override
    public LayerNorm plus(Tensor difference) {
        return new LayerNorm(weight.map(w -> w.mapped(t -> t.add(difference.to(t.scalar_type())))), bias, epsilon);
    }

    @Override
    public LayerNorm divided(double factor) {
        if (weight.isEmpty()) {
            throw new UnsupportedOperationException("a norm without weights cannot be divided");
        }
        return mapped(t -> t.mul(new Scalar(1 / factor)));
    }

    @Override
    public SequencedMap<String, Tensor> parameters() {
        var all = new LinkedHashMap<String, Tensor>();
        weight.ifPresent(w -> all.put(w.name, w.tensor));
        bias.ifPresent(b -> all.put(b.name, b.tensor));
        return all;
    }
}
