package dev.sglp.model.convolution.step;

import dev.sglp.model.Pass;
import dev.sglp.tensor.Seed;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/// A linear map of a vector, `x Wᵀ + b`.
///
/// @param name   its tensors are `name.weight` and `name.bias`
/// @param weight `[out, in]`
/// @param bias   `[out]`
/// @param draw   how an untrained one is drawn
public record Classifier(String name, Tensor weight, Tensor bias, Draw draw) implements Step {
    @Override
    public Tensor forward(Tensor x, Pass pass) { // [B, in] → [B, out]
        return torch.linear(x, weight, new TensorOptional(bias));
    }

    @Override
    public SequencedMap<String, Tensor> parameters() {
        var all = new LinkedHashMap<String, Tensor>();
        all.put(name + ".weight", weight);
        all.put(name + ".bias", bias);
        return all;
    }

    @Override
    public Classifier mapped(UnaryOperator<Tensor> other) {
        return new Classifier(name, other.apply(weight), other.apply(bias), draw);
    }

    @Override
    public Classifier reinitialised(Seed seed) {
        return new Classifier(name, draw.weight(name + ".weight", seed, weight), torch.zeros_like(bias), draw);
    }
}
