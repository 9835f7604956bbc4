package dev.sglp.model.convolution.step;

import dev.sglp.model.Pass;
import dev.sglp.tensor.Seed;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/// Layer normalisation over the channels of each place (Ba 2016, arXiv 1607.06450, equation 4).
///
/// @param name    its tensors are `name.weight` and `name.bias`
/// @param weight  `[C]`
/// @param bias    `[C]`
/// @param epsilon what keeps the root from zero
public record ChannelNorm(String name, Tensor weight, Tensor bias, double epsilon) implements Step {
    private static final int VECTOR = 2;

    @Override
    public Tensor forward(Tensor x, Pass pass) { // [B, C, H, W] or [B, C]
        return x.dim() == VECTOR ? normed(x) : normed(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2);
    }

    private Tensor normed(Tensor x) { // […, C]
        return torch.layer_norm(x, new long[]{x.size(-1)}, new TensorOptional(weight), new TensorOptional(bias),
                epsilon, true);
    }

    @Override
    public SequencedMap<String, Tensor> parameters() {
        var all = new LinkedHashMap<String, Tensor>();
        all.put(name + ".weight", weight);
        all.put(name + ".bias", bias);
        return all;
    }

    @Override
    public ChannelNorm mapped(UnaryOperator<Tensor> other) {
        return new ChannelNorm(name, other.apply(weight), other.apply(bias), epsilon);
    }

    @Override
    public ChannelNorm reinitialised(Seed seed) {
        return new ChannelNorm(name, torch.ones_like(weight), torch.zeros_like(bias), epsilon);
    }
}
