package dev.sglp.model.vision;

import dev.sglp.model.transformer.linear.Linear;
import dev.sglp.model.transformer.mixer.Mlp;
import dev.sglp.model.transformer.norm.Norm;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Seed;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/// A learned vector that attends to the tokens, then a perceptron (SigLIP): `a + mlp(norm(a))` with `a = attention(probe, x, x)`.
///
/// @param name     of the vector in the checkpoint
/// @param vector   `[1, 1, D]`
/// @param maps     queries, keys and values, `[3 D, D]`
/// @param constant what does not depend on the weights
public record Probe(String name, Tensor vector, Linear.Biased maps, Linear out, Norm norm, Mlp mlp,
        Constant constant) implements Reading {
    /// @param heads of the attention
    /// @param macs  for an image
    public record Constant(int heads, long macs) {}

    @Override
    public Tensor of(Tensor x) { // [B, T, D] → [B, D]
        long width = x.size(2);
        var query = mapped(vector, 0, width).expand(x.size(0), 1, width);
        var both = mapped(x, width, 2 * width); // [B, T, 2 D]
        var found = torch.scaled_dot_product_attention(heads(query), heads(both.narrow(2, 0, width)),
                heads(both.narrow(2, width, width)), new TensorOptional(), 0, false, new DoubleOptional(), false);
        var a = out.forward(found.transpose(1, 2).reshape(x.size(0), width)); // [B, D]
        return a.add(mlp.forward(norm.forward(a)));
    }

    /// What some rows of the maps make of it.
    private Tensor mapped(Tensor x, long first, long rows) {
        return torch.linear(x, maps.weight().narrow(0, first, rows),
                new TensorOptional(maps.bias().narrow(0, first, rows)));
    }

    private Tensor heads(Tensor x) { // [B, T, D] → [B, H, T, D / H]
        return x.view(x.size(0), x.size(1), constant.heads, -1).transpose(1, 2);
    }

    @Override
    public Probe mapped(UnaryOperator<Tensor> other) {
        return new Probe(name, other.apply(vector), maps.mapped(other), out.mapped(other), norm.mapped(other),
                mlp.mapped(other), constant);
    }

    @Override
    public Probe reinitialised(Seed seed, double std) {
        return new Probe(name, Scope.yield(() -> seed.normal(name, std, vector.shape()).to(vector)),
                maps.reinitialised(seed, std), out.reinitialised(seed, std), norm.reinitialised(),
                mlp.reinitialised(seed, std), constant);
    }

    @Override
    public SequencedMap<String, Tensor> parameters() {
        var all = new LinkedHashMap<String, Tensor>();
        all.put(name, vector);
        all.putAll(maps.parameters());
        all.putAll(out.parameters());
        all.putAll(norm.parameters());
        all.putAll(mlp.parameters());
        return all;
    }

    @Override
    public long macs() {
        return constant.macs;
    }
}
