package dev.sglp.model.guard;

import dev.sglp.model.Layer;
import dev.sglp.model.Part;
import dev.sglp.model.Pass;
import dev.sglp.model.Recording;
import dev.sglp.model.repair.LastMap;
import dev.sglp.tensor.Seed;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;

/// A layer that asks whether its weights are still there each time before it reads them.
///
/// @param guarded the same as a part
public record GuardedLayer(Layer layer, GuardedPart guarded) implements Layer {
    public GuardedLayer(Layer layer, Runnable before) {
        this(layer, new GuardedPart(layer, before));
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
    public Optional<LastMap> lastMap() {
        return layer.lastMap().map(end -> new GuardedEnd(end, guarded.before()));
    }

    /// Random weights are nobody's file.
    @Override
    public Layer reinitialised(Seed seed) {
        return layer.reinitialised(seed);
    }

    @Override
    public Layer mapped(UnaryOperator<Tensor> other) {
        guarded.before().run();
        return new GuardedLayer(layer.mapped(other), guarded.before());
    }

    @Override
    public Layer replacing(Map<String, Tensor> others) {
        return new GuardedLayer(layer.replacing(others), guarded.before());
    }

    @Override
    public Tensor forward(Tensor x, Pass pass) {
        return guarded.forward(x, pass);
    }

    @Override
    public Optional<Recording> recorded(Tensor x, Pass pass) {
        return guarded.recorded(x, pass);
    }

    @Override
    public Part frozen() {
        return guarded.frozen();
    }

    @Override
    public SequencedMap<String, Tensor> parameters() {
        return layer.parameters();
    }

    @Override
    public SequencedMap<String, Tensor> buffers() {
        return layer.buffers();
    }

    @Override
    public long macs() {
        return layer.macs();
    }

    @Override
    public boolean keeps(long length, long grown) {
        return layer.keeps(length, grown);
    }

    @Override
    public long cacheBytesPerToken() {
        return layer.cacheBytesPerToken();
    }
}
