package dev.sglp.model.convolution.step;

import dev.sglp.model.Pass;
import dev.sglp.tensor.Seed;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/// A learned factor for each channel (Touvron 2021, arXiv 2103.17239).
///
/// @param name    of the tensor
/// @param factor  one number a channel, in any shape
/// @param initial of an untrained one
public record ChannelScale(String name, Tensor factor, double initial) implements Step {
    @Override
    public Tensor forward(Tensor x, Pass pass) { // [B, C, H, W]
        return x.mul(factor.view(-1, 1, 1).to(x.scalar_type()));
    }

    @Override
    public Optional<ChannelMap> channelMap() {
        var scale = ChannelMap.wide(factor).view(-1);
        return Optional.of(new ChannelMap(scale, torch.zeros_like(scale)));
    }

    /// The same that changes nothing.
    public ChannelScale neutral() {
        return new ChannelScale(name, torch.ones_like(factor), initial);
    }

    @Override
    public SequencedMap<String, Tensor> parameters() {
        var all = new TreeMap<String, Tensor>();
        all.put(name, factor);
        return all;
    }

    @Override
    public ChannelScale mapped(UnaryOperator<Tensor> other) {
        return new ChannelScale(name, other.apply(factor), initial);
    }

    @Override
    public ChannelScale reinitialised(Seed seed) {
        return new ChannelScale(name, torch.full_like(factor, new Scalar(initial)), initial);
    }
}
