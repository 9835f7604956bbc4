package dev.sglp.model;

import dev.sglp.checkpoint.Weights;
import dev.sglp.tensor.Seed;
import java.util.Optional;
import java.util.SequencedMap;
import org.bytedeco.pytorch.Tensor;

/// A layer whose "random" weights come from a file, so that another program's numbers can be compared.
///
/// @param random its weights when it is re-initialised; where one is missing the layer cannot be
public record FixedLayer(Layer layer, Weights random) implements Layer {
    /// The model with every layer re-initialised from `random`.
    public static LayeredModel in(LayeredModel model, Weights random) {
        var layers = model.layers().stream().<Layer>map(layer -> new FixedLayer(layer, random)).toList();
        return new LayeredModel(model.family(), model.stem(), layers, model.head(), model.objective(), model.layout());
    }

    @Override
    public String name() {
        return layer.name();
    }

    @Override
    public Optional<String> fixed() {
        return layer.fixed();
    }

    @Override
    public Tensor forward(Tensor x, Pass pass) {
        return layer.forward(x, pass);
    }

    @Override
    public Optional<Recording> recorded(Tensor x, Pass pass) {
        return layer.recorded(x, pass);
    }

    @Override
    public SequencedMap<String, Tensor> parameters() {
        return layer.parameters();
    }

    @Override
    public Layer reinitialised(Seed seed) {
        var fresh = layer.reinitialised(seed);
        fresh.parameters().forEach((name, tensor) -> tensor.copy_(random.get(name)));
        return fresh;
    }
}
