package dev.sglp.model;

import dev.sglp.model.repair.LastMap;
import dev.sglp.tensor.DType;
import dev.sglp.tensor.Seed;
import dev.sglp.tensor.Tensors;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;

/// One of the ordered layers that can be asked whether it is needed.
public interface Layer extends Part {
    /// Its name in the checkpoint, for instance `layer1.0`.
    String name();

    /// Why it cannot be removed, for instance `changes the shape`; empty where it can: its input and output have the same
    /// shape and nothing else depends on it.
    default Optional<String> fixed() {
        return Optional.empty();
    }

    default boolean removable() {
        return fixed().isEmpty();
    }

    /// Uses the layer with all its numbers in memory: one whose weights are read from a file as they are needed has placeholders else.
    default <T> T held(Function<Layer, T> use) {
        return use.apply(this);
    }

    /// The layer itself, where this one only counts what it does.
    default Layer watched() {
        return this;
    }

    /// The same layer with other tensors in the place of those of these names.
    default Layer replacing(Map<String, Tensor> others) {
        var byTensor = new HashMap<Long, Tensor>();
        others.forEach((name, tensor) -> byTensor.put(Tensors.identity(named(name)), tensor));
        return mapped(tensor -> byTensor.getOrDefault(Tensors.identity(tensor), tensor));
    }

    private Tensor named(String name) {
        var found = parameters().containsKey(name) ? parameters().get(name) : buffers().get(name);
        if (found == null) {
            throw new IllegalArgumentException("%s has no tensor '%s'".formatted(name(), name));
        }
        return found;
    }

    /// The map that it ends in, where a repair may fit it anew.
    default Optional<LastMap> lastMap() {
        return Optional.empty();
    }

    /// The same layer with random weights by the family's own initialisation. What is drawn depends on the seed's value and
    /// draw and on this layer's name alone.
    @Override
    Layer reinitialised(Seed seed);

    @Override
    default Layer in(DType type, UnaryOperator<Tensor> cast) {
        return mapped(cast);
    }

    @Override
    default Layer mapped(UnaryOperator<Tensor> other) {
        throw new UnsupportedOperationException(name() + " cannot be put on other tensors");
    }
}
