package dev.sglp.model.transformer.norm;

import java.util.LinkedHashMap;
import java.util.SequencedMap;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/// `x / √(mean(x²) + ε) · (o + w)` over the last dimension (Zhang and Sennrich 2019, arXiv 1910.07467, equation 4), in float32
/// inside.
///
/// @param name    its weight's name in the checkpoint, for instance `model.norm.weight`
/// @param weight  `[D]`
/// @param epsilon what keeps the root from zero
/// @param offset  what is added to the weight: 0, or 1 where the checkpoint has the difference from 1 (Gemma)
public record RmsNorm(String name, Tensor weight, double epsilon, double offset) implements Norm {
    private static final long[] LAST = {-1};

    public RmsNorm(String name, Tensor weight, double epsilon) {
        this(name, weight, epsilon, 0);
    }

    @Override
    public Tensor forward(Tensor x) { // […, D] → […, D]
        return normalised(x, root(x)).to(x.scalar_type()).mul(factor());
    }

    private Tensor factor() {
        return offset == 0 ? weight : weight.add(new Scalar(offset));
    }

    /// `1 / √(mean(x²) + ε)`, `[…, 1]`, float32. By the vector norm, because libtorch's `rms_norm` takes twice as long
    /// backwards.
    private Tensor root(Tensor x) {
        var norm = torch.linalg_vector_norm(x, new Scalar(2), LAST, true, new ScalarTypeOptional(ScalarType.Float));
        var square = norm.square().mul(new Scalar(1.0 / weight.size(0))); // the mean of x²
        return square.add(new Scalar(epsilon)).rsqrt();
    }

    private static Tensor normalised(Tensor x, Tensor root) { // […, D], float32
        return x.to(ScalarType.Float).mul(root);
    }

    /// Gradients of a loss with respect to the norm's input and weight, in the input's element type.
    public record Gradients(Tensor input, Tensor weight) {}

    /// With `n = x r` and `r = 1 / √(mean(x²) + ε)`, `y = n ⊙ w` and a gradient `g` of `y`: that of `w` is `Σ g ⊙ n` over the
    /// rows, that of `x` is `r (g ⊙ w − n · mean(g ⊙ w ⊙ n))`.
    ///
    /// @param x      what the norm was given
    /// @param vector the gradient with respect to its output
    public Gradients backward(Tensor x, Tensor vector) { // […, D]
        var rows = x.reshape(-1, weight.size(0)); // [n, D]
        var root = root(rows); // [n, 1]
        var n = normalised(rows, root); // [n, D]
        var g = vector.reshape(-1, weight.size(0)).to(ScalarType.Float); // [n, D]
        var w = factor().to(ScalarType.Float);
        var product = g.mul(n); // [n, D]
        var mean = product.mv(w).div_(new Scalar((double) weight.size(0))).unsqueeze(1); // [n, 1]
        var dx = g.mul(w).addcmul_(n, mean, new Scalar(-1.0)).mul_(root); // [n, D]
        return new Gradients(dx.to(x.scalar_type()).view(x.shape()), product.sum(0).to(x.scalar_type()));
    }

    @Override
    public RmsNorm mapped(UnaryOperator<Tensor> other) {
        return new RmsNorm(name, other.apply(weight), epsilon, offset);
    }

    /// As if its factor were 1.
    @Override
    public RmsNorm reinitialised() {
        return new RmsNorm(name, torch.full_like(weight, new Scalar(1 - offset)), epsilon, offset);
    }

    @Override
    public Tensor unweighted(Tensor x) {
        return normalised(x, root(x)).to(x.scalar_type());
    }

    @Override
    public RmsNorm plus(Tensor difference) {
        return new RmsNorm(name, weight.add(difference.to(weight.scalar_type())), epsilon, offset);
    }

    @Override
    public RmsNorm divided(double by) {
        return new RmsNorm(name, factor().mul(new Scalar(1 / by)).sub(new Scalar(offset)), epsilon, offset);
    }

    @Override
    public SequencedMap<String, Tensor> parameters() {
        var all = new LinkedHashMap<String, Tensor>();
        all.put(name, weight);
        return all;
    }
}
