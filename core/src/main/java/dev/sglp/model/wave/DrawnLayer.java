package dev.sglp.model.wave;

import dev.sglp.model.Layer;
import dev.sglp.tensor.Seed;
import dev.sglp.tensor.Tensors;
import java.util.HashMap;
import java.util.SequencedMap;
import java.util.function.Function;
import org.bytedeco.pytorch.Tensor;

/// A layer of a network that is read from its file, with random weights: they are drawn when it runs, and in memory no longer than there is
/// room. Its tensors are the placeholders of the layer that it stands for.
record DrawnLayer(StreamedLayer of, Seed seed) implements HeldLayer {
    @Override
    public Layer outline() {
        return of.outline();
    }

    @Override
    public <T> T held(Function<Layer, T> use) {
        long bytes = outline().parameters().values().stream().mapToLong(Tensor::numel).sum() * Float.BYTES;
        return of.source().drawn().use(of.index(), seed, bytes, this::drawn, use);
    }

    /// Sublayers that share a tensor share what is drawn of it.
    private Layer drawn() {
        var type = Tensors.scalarType(of.source().type());
        var cast = new HashMap<Long, Tensor>();
        return outline().reinitialised(seed).mapped(tensor -> cast.computeIfAbsent(Tensors.identity(tensor),
                _ -> tensor.is_floating_point() ? tensor.to(type) : tensor));
    }

    @Override
    public Layer reinitialised(Seed other) {
        return new DrawnLayer(of, other);
    }

    @Override
    public SequencedMap<String, Tensor> parameters() {
        return outline().parameters();
    }
}
