package dev.sglp.model.transformer;

import java.util.LinkedHashMap;
import java.util.SequencedMap;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/// `x / √(mean(x²) + ε) · w` over the last dimension (Zhang and Sennrich 2019, arXiv 1910.07467, equation 4), in float32
/// inside.
///
/// @param name    its weight's name in the checkpoint, for instance `model.norm.weight`
/// @param weight  `[D]`
/// @param epsilon what keeps the root from zero
public record RmsNorm(String name, Tensor weight, double epsilon) {
    public Tensor forward(Tensor x) { // […, D] → […, D]
        return torch.rms_norm(x, new long[]{weight.size(0)}, new TensorOptional(weight), new DoubleOptional(epsilon));
    }

    /// All ones.
    public RmsNorm reinitialised() {
        return new RmsNorm(name, torch.ones_like(weight), epsilon);
    }

    public SequencedMap<String, Tensor> parameters() {
        var all = new LinkedHashMap<String, Tensor>();
        all.put(name, weight);
        return all;
    }
}
