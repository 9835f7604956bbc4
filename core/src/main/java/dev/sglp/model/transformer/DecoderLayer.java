package dev.sglp.model.transformer;

import dev.sglp.model.Layer;
import dev.sglp.model.Pass;
import dev.sglp.model.Recording;
import dev.sglp.model.repair.LastMap;
import dev.sglp.tensor.Seed;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;

/// A decoder block of the Llama kind: attention and gated MLP, each normalised before and added to the residual stream.
///
/// @param name     for instance `model.layers.7`
/// @param first    the norm before the attention
/// @param second   the norm before the MLP
/// @param constant what does not depend on the weights
public record DecoderLayer(String name, RmsNorm first, Attention attention, RmsNorm second, GatedMlp mlp,
        Constant constant) implements Layer {
    /// @param initStd standard deviation of freshly drawn weights
    /// @param macs    multiply-accumulate operations a token
    public record Constant(double initStd, long macs) {}

    @Override
    public Tensor forward(Tensor x, Pass pass) { // [B, T, D]
        var h = attention.addedTo(x, first.forward(x)); // [B, T, D]
        return mlp.addedTo(h, second.forward(h));
    }

    /// By hand where the attention's scores may exist at once; longer texts are left to autograd, which never holds them all.
    @Override
    public Optional<Recording> recorded(Tensor x, Pass pass) {
        return attention.fits(x) ? Optional.of(new DecoderRecording(this, x)) : Optional.empty();
    }

    @Override
    public Optional<LastMap> lastMap() {
        return Optional.of(new DecoderEnd(this));
    }

    /// The same norms around other maps.
    DecoderLayer with(Attention other, GatedMlp maps) {
        return new DecoderLayer(name, first, other, second, maps, constant);
    }

    /// Weights normal, biases 0, norms 1: transformers' own initialisation.
    @Override
    public DecoderLayer reinitialised(Seed seed) {
        return new DecoderLayer(name, first.reinitialised(), attention.reinitialised(seed, constant.initStd),
                second.reinitialised(), mlp.reinitialised(seed, constant.initStd), constant);
    }

    @Override
    public DecoderLayer mapped(UnaryOperator<Tensor> other) {
        return new DecoderLayer(name, first.mapped(other), attention.mapped(other), second.mapped(other),
                mlp.mapped(other), constant);
    }

    @Override
    public SequencedMap<String, Tensor> parameters() {
        var all = new LinkedHashMap<>(attention.parameters());
        all.putAll(mlp.parameters());
        all.putAll(first.parameters());
        all.putAll(second.parameters());
        return all;
    }

    @Override
    public long macs() {
        return constant.macs;
    }

    /// Keys and values, two bytes a number.
    @Override
    public long cacheBytesPerToken() {
        return 2 * 2 * attention.key().weight().size(0);
    }
}
