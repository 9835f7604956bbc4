package dev.sglp.model.vision;

import dev.sglp.model.transformer.norm.LayerNorm.Named;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Seed;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/// A vector for each patch of an image: a convolution whose stride is its size (Dosovitskiy 2020, arXiv 2010.11929, section 3.1).
///
/// @param name   its weight's name in the checkpoint
/// @param weight `[D, C, h, w]`
public record Patches(String name, Tensor weight, Optional<Named> bias) {
    /// The patches row by row: `[B, C, H, W] → [B, N, D]`.
    Tensor forward(Tensor images) {
        var strides = new long[]{weight.size(2), weight.size(3)};
        var planes = torch.conv2d(images.to(weight.scalar_type()), weight, bias.map(b -> new TensorOptional(b.tensor()))
                .orElseGet(TensorOptional::new), strides, new long[]{0, 0}, new long[]{1, 1}, 1);
        return planes.flatten(2, 3).transpose(1, 2);
    }

    Patches mapped(UnaryOperator<Tensor> other) {
        return new Patches(name, other.apply(weight), bias.map(b -> new Named(b.name(), other.apply(b.tensor()))));
    }

    Patches reinitialised(Seed seed, double std) {
        return new Patches(name, Scope.yield(() -> seed.normal(name, std, weight.shape()).to(weight)),
                bias.map(b -> new Named(b.name(), torch.zeros_like(b.tensor()))));
    }

    SequencedMap<String, Tensor> parameters() {
        var all = new LinkedHashMap<String, Tensor>();
        all.put(name, weight);
        bias.ifPresent(b -> all.put(b.name(), b.tensor()));
        return all;
    }

    /// For an image of so many patches.
    long macs(long patches) {
        return weight.numel() * patches;
    }
}
