package dev.sglp.model.work;

import dev.sglp.model.Layer;
import dev.sglp.model.Pass;
import dev.sglp.tensor.Seed;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.Function;
import org.bytedeco.pytorch.Tensor;

/// A layer that tells a meter when it runs forward.
record CountedLayer(Layer layer, Meter meter) implements Layer {
    @Override
    public Tensor forward(Tensor x, Pass pass) {
        meter.forward(layer, x.size(0));
        return layer.forward(x, pass);
    }

    @Override
    public <T> T held(Function<Layer, T> use) {
        return layer.held(numbers -> use.apply(new CountedLayer(numbers, meter)));
    }

    @Override
    public Layer watched() {
        return layer.watched();
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
    public Layer reinitialised(Seed seed) {
        return layer.reinitialised(seed);
    }

    @Override
    public SequencedMap<String, Tensor> parameters() {
        return layer.parameters();
    }

    @Override
    public long macs() {
        return layer.macs();
    }
}
