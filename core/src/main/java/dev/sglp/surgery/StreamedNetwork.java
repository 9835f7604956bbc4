package dev.sglp.surgery;

import dev.sglp.checkpoint.Weights;
import dev.sglp.family.ModelFile;
import dev.sglp.family.Widened;
import dev.sglp.model.LayerSet;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.Part;
import dev.sglp.model.Pass;
import dev.sglp.tensor.Autograd;
import dev.sglp.tensor.DType;
import dev.sglp.tensor.Scope;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.bytedeco.pytorch.Tensor;

/// A network that is run from its file, with one layer's weights in memory at a time; those of stem and head stay.
///
/// @param file    the network
/// @param removed layers that are left out; theirs are never read
/// @param rounded to which element type the numbers of a tensor are rounded before it is used
record StreamedNetwork(ModelFile file, LayerSet removed, Map<String, DType> rounded) {
    /// The network as the file has it.
    StreamedNetwork(ModelFile file, LayerSet removed) {
        this(file, removed, Map.of());
    }

    /// The logits for `inputs` in float32, in the current scope.
    ///
    /// @throws IOException where the file contradicts its header, or a weight is not a finite number
    Tensor logits(Tensor inputs) throws IOException {
        var checkpoint = file.checkpoint();
        var later = file.ofLayers();
        try (var outline = Weights.outline(checkpoint, DType.F32, later, stored())) {
            round(outline, name -> !later.contains(name));
            var names = new IdentityHashMap<Tensor, String>();
            outline.all().forEach((name, tensor) -> names.put(tensor, name));
            var model = file.architecture().assembled(outline).without(removed);
            return Autograd.off(() -> Scope.yield(() -> run(model, inputs, names)));
        } catch (UncheckedIOException e) {
            throw e.getCause();
        } finally {
            checkpoint.unload();
        }
    }

    private void round(Weights weights, Predicate<String> which) {
        rounded.forEach((name, type) -> {
            if (which.test(name)) {
                weights.round(name, type, false);
            }
        });
    }

    /// A table that nothing is done with but to look rows up need not be float32.
    private Set<String> stored() {
        return rounded.isEmpty() ? file.architecture().lookedUp() : Set.of();
    }

    private Tensor run(LayeredModel model, Tensor inputs, Map<Tensor, String> names) {
        var stem = new Widened(model.stem(), DType.F32);
        var h = Scope.yieldOwned(() -> stem.forward(inputs, Pass.evaluation()));
        for (var layer : model.layers()) {
            var x = h;
            h = forward(layer, x, names);
            Scope.free(x);
        }
        return model.head().forward(Scope.lend(h), Pass.evaluation());
    }

    private Tensor forward(Part layer, Tensor x, Map<Tensor, String> names) {
        var own = layer.parameters().values().stream().map(names::get).collect(Collectors.toSet());
        try (var weights = Weights.forReading(file.checkpoint(), DType.F32, own)) {
            round(weights, own::contains);
            return Scope.yieldOwned(
                    () -> layer.mapped(t -> weights.get(names.get(t))).forward(x, Pass.evaluation()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            file.checkpoint().unload();
        }
    }
}
