package dev.sglp.model.transformer;

import dev.sglp.tensor.Seed;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.SequencedMap;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/// `x Wᵀ + b`
///
/// @param prefix its name in the checkpoint, for instance `model.layers.0.mlp.up_proj`
/// @param weight `[out, in]`
/// @param bias   `[out]`; empty where it has none
@SuppressWarnings("OptionalUsedAsFieldOrParameterType") // a bias is there or not; null would say less
public record Linear(String prefix, Tensor weight, Optional<Tensor> bias) {
    public Tensor forward(Tensor x) { // […, in] → […, out]
        return torch.linear(x, weight, bias.map(TensorOptional::new).orElseGet(TensorOptional::new));
    }

    /// `residual + x Wᵀ + b`; without a bias the sum is made inside the multiplication.
    ///
    /// @param residual shaped as the result, contiguous
    public Tensor addedTo(Tensor residual, Tensor x) { // […, in] → […, out]
        if (bias.isPresent()) {
            return residual.add(forward(x));
        }
        var sum = torch.addmm(residual.view(-1, weight.size(0)), x.reshape(-1, weight.size(1)), weight.t());
        return sum.view(residual.shape());
    }

    /// Normal weights with mean 0, the bias 0.
    public Linear reinitialised(Seed seed, double std) {
        var drawn = seed.normal(prefix + ".weight", std, weight.shape()).to(weight);
        return new Linear(prefix, drawn, bias.map(torch::zeros_like));
    }

    public SequencedMap<String, Tensor> parameters() {
        var all = new LinkedHashMap<String, Tensor>();
        all.put(prefix + ".weight", weight);
        bias.ifPresent(b -> all.put(prefix + ".bias", b));
        return all;
    }
}
