package dev.sglp.model.wave;

import dev.sglp.model.Layer;
import dev.sglp.model.Pass;
import dev.sglp.model.Recording;
import dev.sglp.tensor.Seed;
import dev.sglp.tensor.Tensors;
import java.util.HashMap;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.Function;
import org.bytedeco.pytorch.Tensor;

/// A layer of a network that is read from its file, with random weights: they are drawn when it runs, and in memory no longer than there is
/// room. Its tensors are the placeholders of the layer that it stands for.
record DrawnLayer(StreamedLayer of, Seed seed) implements Layer {
    @Override
    public <T> T held(Function<Layer, T> use) {
        long bytes = of.outline().parameters().values().stream().mapToLong(Tensor::numel).sum() * Float.BYTES;
        return of.source().drawn().use(of.index(), seed, bytes, this::drawn, use);
    }

    /// Sublayers that share a tensor share what is drawn of it.
    private Layer drawn() {
        var type = Tensors.scalarType(of.source().type());
        var cast = new HashMap<Long, Tensor>();
        return of.outline().reinitialised(seed).mapped(tensor -> cast.computeIfAbsent(Tensors.identity(tensor),
                _ -> tensor.is_floating_point() ? tensor.to(type) : tensor));
    }

    @Override
    public Tensor forward(Tensor x, Pass pass) {
        return held(layer -> layer.forward(x, pass));
    }

    @Override
    public Optional<Recording> recorded(Tensor x, Pass pass) {
        return Optional.of(StreamedRecording.of(this, x, pass));
    }

    @Override
    public Layer reinitialised(Seed other) {
        return new DrawnLayer(of, other);
    }

    @Override
    public String name() {
        return of.name();
    }

    @Override
    public Optional<String> fixed() {
        return of.fixed();
    }

    @Override
    public SequencedMap<String, Tensor> parameters() {
        return of.outline().parameters();
    }

    @Override
    public SequencedMap<String, Tensor> buffers() {
        return of.buffers();
    }

    @Override
    public long macs() {
        return of.macs();
    }
}
