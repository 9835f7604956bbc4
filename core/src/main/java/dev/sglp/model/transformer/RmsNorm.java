package dev.sglp.model.transformer;

import dev.sglp.model.Part;
import dev.sglp.model.Pass;
import java.util.function.UnaryOperator;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/// `x / √(mean(x²) + ε) · w` over the last dimension (Zhang and Sennrich 2019, arXiv 1910.07467, equation 4), in float32
/// inside.
///
/// @param name    its weight's name in the checkpoint, for instance `model.norm.weight`
/// @param weight  `[D]`
/// @param epsilon what keeps the root from zero
public record RmsNorm(String name, Tensor weight, double epsilon) implements Part {
    private static final long[] LAST = {-1};

    /// By the vector norm, because libtorch's `rms_norm` takes twice as long backwards.
    public Tensor forward(Tensor x) { // […, D] → […, D]
        var norm = torch.linalg_vector_norm(x, new Scalar(2), LAST, true, new ScalarTypeOptional(ScalarType.Float)); // […, 1]
        var square = norm.square().mul(new Scalar(1.0 / weight.size(0))); // the mean of x²
        var scaled = x.to(ScalarType.Float).mul(square.add(new Scalar(epsilon)).rsqrt()); // […, D]
        return scaled.to(x.scalar_type()).mul(weight);
    }

    @Override
    public Tensor forward(Tensor x, Pass pass) {
        return forward(x);
    }

    @Override
    public RmsNorm mapped(UnaryOperator<Tensor> other) {
        return new RmsNorm(name, other.apply(weight), epsilon);
    }

    /// All ones.
    public RmsNorm reinitialised() {
        return new RmsNorm(name, torch.ones_like(weight), epsilon);
    }

    @Override
    public SequencedMap<String, Tensor> parameters() {
        var all = new LinkedHashMap<String, Tensor>();
        all.put(name, weight);
        return all;
    }
}
