package dev.sglp.surgery;

import dev.sglp.checkpoint.Weights;
import dev.sglp.family.ModelFile;
import dev.sglp.model.LayerSet;
import dev.sglp.model.LayeredModel;
import dev.sglp.tensor.DType;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Tensors;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashSet;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/// Makes of a network in memory the one that is written: its numbers become those of the element types in the file, so that what is
/// measured of it afterwards holds for the file.
public final class Rounding {
    private final ModelFile file;
    private final Weights weights;
    private final WriteAs as;
    private @Nullable WrittenTypes types;
    private OptionalDouble difference = OptionalDouble.empty();

    /// @param weights of the network; those of its layers are rounded in place, also in other views of them
    public Rounding(ModelFile file, Weights weights, WriteAs as) {
        this.file = file;
        this.weights = weights;
        this.as = as;
    }

    /// @param pruned the network without these layers
    /// @return the same rounded
    /// @throws UncheckedIOException where a number is not finite
    public LayeredModel of(LayeredModel pruned, LayerSet removed) {
        try {
            boolean streamed = file.architecture().directory() && !weights.writable();
            var found = streamed
                    ? WrittenTypes.replaced(file, weights, removed, as)
                    : WrittenTypes.of(file, weights, removed, as);
            types = found;
            var names = found.shorter();
            if (streamed) {
                names.keySet().retainAll(either(found.rounded().keySet(), weights.replaced()));
            }
            if (names.isEmpty()) {
                return pruned;
            }
            var layers = streamed ? file.ofLayers() : names.keySet(); // a text is compared with the dense head
            var before = logits(pruned);
            names.forEach((name, type) -> weights.round(name, type, !layers.contains(name)));
            var rounded = file.architecture().build(weights).without(removed);
            var after = logits(rounded);
            difference = IntStream.range(0, before.length).mapToDouble(i -> Math.abs(before[i] - after[i])).max();
            return rounded;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Set<String> either(Set<String> some, Set<String> others) {
        var all = new HashSet<>(some);
        all.addAll(others);
        return all;
    }

    /// In which types it is written.
    public WriteAs as() {
        return as;
    }

    /// What will be stored of a tensor that stands in the place of this name's.
    public Tensor stored(String name, Tensor tensor) {
        var type = WrittenTypes.of(file, as, name, tensor);
        if (type != DType.F16 && type != DType.BF16) {
            return tensor;
        }
        return Scope.yield(() -> {
            var rounded = tensor.detach().clone();
            Tensors.round(rounded, type);
            return rounded;
        });
    }

    private double[] logits(LayeredModel network) throws IOException {
        try (var _ = Scope.open()) {
            return Tensors.toDoubles(Proof.Network.of(network).logits(Proof.inputs(file.architecture().input())));
        }
    }

    /// @throws IllegalStateException where nothing was rounded yet
    public WrittenTypes types() {
        if (types == null) {
            throw new IllegalStateException("no network was rounded");
        }
        return types;
    }

    /// The largest difference of a logit that rounding makes, on random inputs; empty where nothing had to be rounded.
    public OptionalDouble difference() {
        return difference;
    }
}
