package dev.sglp.model.wave;

import dev.sglp.model.Layer;
import dev.sglp.model.repair.LastMap;
import dev.sglp.tensor.Autograd;
import dev.sglp.tensor.DType;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Seed;
import dev.sglp.tensor.Tensors;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;

/// A layer whose weights are in memory only while it runs. Some of its tensors may be others than its source's.
///
/// @param outline  the same layer on placeholders, which have shapes and take no memory
/// @param index    in the dense network
/// @param replaced those that differ, by their names
public record StreamedLayer(Layer outline, int index, LayerSource source,
        Map<String, Tensor> replaced) implements HeldLayer {
    public StreamedLayer(Layer outline, int index, LayerSource source) {
        this(outline, index, source, Map.of());
    }

    @Override
    public <T> T held(Function<Layer, T> use) {
        try (var held = source.hold(index)) {
            return over(held.layer(), use);
        }
    }

    /// This one's replaced tensors in the place of another's, in the type that layers are read in, as long as they are used.
    <T> T over(Layer layer, Function<Layer, T> use) {
        if (replaced.isEmpty()) {
            return use.apply(layer);
        }
        var type = Tensors.scalarType(source.type());
        var others = new HashMap<Long, Tensor>();
        var cast = new ArrayList<Tensor>();
        var own = layer.parameters();
        try {
            replaced.forEach((name, tensor) -> {
                var other = tensor;
                if (tensor.is_floating_point() && tensor.scalar_type().intern() != type) {
                    other = Scope.yieldOwned(() -> Autograd.off(() -> tensor.detach().to(type)));
                    cast.add(other);
                }
                others.put(Tensors.identity(own.get(name)), other);
            });
            return use.apply(layer.mapped(tensor -> others.getOrDefault(Tensors.identity(tensor), tensor)));
        } finally {
            cast.forEach(Scope::free);
        }
    }

    /// The same with what `other` has changed of this one's held tensors; what differs goes out of memory.
    StreamedLayer differing(Layer before, Layer other) {
        var all = new LinkedHashMap<>(replaced);
        var known = before.parameters();
        other.parameters().forEach((name, tensor) -> {
            if (Tensors.identity(known.get(name)) != Tensors.identity(tensor)) {
                all.put(name, source.keep(tensor));
            }
        });
        return new StreamedLayer(outline, index, source, all);
    }

    @Override
    public StreamedLayer replacing(Map<String, Tensor> others) {
        var all = new LinkedHashMap<>(replaced);
        others.forEach((name, tensor) -> all.put(name, source.keep(tensor)));
        return new StreamedLayer(outline, index, source, all);
    }

    @Override
    public Optional<LastMap> lastMap() {
        return outline.lastMap().map(end -> new StreamedEnd(this, end));
    }

    /// Its random weights are drawn when it runs.
    @Override
    public Layer reinitialised(Seed seed) {
        return new DrawnLayer(this, seed);
    }

    /// What was replaced is cast when it is used: it may lie on disk.
    @Override
    public StreamedLayer in(DType type, UnaryOperator<Tensor> cast) {
        return new StreamedLayer(outline, index, source.in(type), replaced);
    }

    /// Of what was replaced alone.
    ///
    /// @throws UnsupportedOperationException where another tensor is to stand for one that only the source has
    @Override
    public Layer mapped(UnaryOperator<Tensor> other) {
        var all = new LinkedHashMap<String, Tensor>();
        parameters().forEach((name, tensor) -> {
            try (var _ = Scope.open()) {
                var found = other.apply(tensor);
                if (replaced.containsKey(name)) {
                    all.put(name, Tensors.identity(found) == Tensors.identity(tensor) ? tensor : source.keep(found));
                } else if (Tensors.identity(found) != Tensors.identity(tensor)) {
                    throw new UnsupportedOperationException(
                            "%s is read from its file each time it runs: '%s' cannot be put on another tensor"
                                    .formatted(name(), name));
                }
            }
        });
        return new StreamedLayer(outline, index, source, all);
    }

    /// Placeholders, but for what was replaced: {@link #held} gives the numbers.
    @Override
    public SequencedMap<String, Tensor> parameters() {
        var all = new LinkedHashMap<>(outline.parameters());
        all.replaceAll(replaced::getOrDefault);
        return all;
    }

    @Override
    public boolean keeps(long length, long grown) {
        return outline.keeps(length, grown);
    }

    @Override
    public long cacheBytesPerToken() {
        return outline.cacheBytesPerToken();
    }
}
