package dev.sglp.model;

import dev.sglp.model.guard.GuardedLayer;
import dev.sglp.model.guard.GuardedPart;
import dev.sglp.tensor.Autograd;
import dev.sglp.tensor.DType;
import dev.sglp.tensor.Device;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Seed;
import dev.sglp.tensor.Tensors;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;

/// A trained network as stem, ordered layers and head: a view on weights that somebody else owns.
///
/// @param family    the family's name, for instance `cifar-resnet`
/// @param stem      from the input to the first layer
/// @param layers    in order of execution
/// @param head      from the last layer's output to the logits
/// @param objective what it was trained for
/// @param layout    what its layers' outputs mean, all of them alike
/// @param access    whether its weights may be changed
public record LayeredModel(String family, Part stem, List<Layer> layers, Part head, Objective objective,
        Layout layout, Access access) {
    /// Whether weights may be changed.
    public enum Access {
        /// By whoever heals or trains the network.
        WRITABLE,
        /// By nobody: they may lie in a file.
        READ_ONLY
    }

    public LayeredModel {
        layers = List.copyOf(layers);
    }

    /// On weights that may be changed.
    public LayeredModel(String family, Part stem, List<Layer> layers, Part head, Objective objective, Layout layout) {
        this(family, stem, layers, head, objective, layout, Access.WRITABLE);
    }

    /// The same on weights that may not be changed, and that are asked for before each part reads them.
    ///
    /// @param before throws where they are no longer there
    public LayeredModel readOnly(Runnable before) {
        return new LayeredModel(family, new GuardedPart(stem, before),
                layers.stream().<Layer>map(layer -> new GuardedLayer(layer, before)).toList(), head, objective, layout,
                Access.READ_ONLY);
    }

    /// Asked before its weights are changed.
    ///
    /// @throws IllegalStateException where they may not be
    public void checkWritable() {
        if (access == Access.READ_ONLY) {
            throw new IllegalStateException(
                    "the weights of this %s may be read only: they lie in its file. Open them with forTraining()"
                            .formatted(family));
        }
    }

    /// Where it computes.
    public Device device() {
        return parts().stream().flatMap(part -> part.parameters().values().stream()).findFirst().map(Device::of)
                .orElse(Device.CPU);
    }

    /// The logits for a batch of inputs, in the current scope; intermediate tensors are freed where nothing records them.
    public Tensor forward(Tensor inputs, Pass pass) {
        return forward(inputs, pass, Tap.NONE);
    }

    /// The same, showing each layer's input and output to `tap`.
    public Tensor forward(Tensor inputs, Pass pass, Tap tap) {
        return Scope.yield(() -> head.forward(body(inputs, pass, tap), pass));
    }

    /// The last layer's output, in the current scope: what the head works on.
    public Tensor body(Tensor inputs, Pass pass, Tap tap) {
        return Scope.yield(() -> {
            Tensor h = Scope.yieldOwned(() -> stem.forward(inputs, pass));
            for (int i = 0; i < layers.size(); i++) {
                h = step(i, h, pass, tap);
            }
            return Scope.lend(h);
        });
    }

    /// The same answers as fast as its parts know how, with the weights and statistics they have now.
    public FrozenModel frozen() {
        return FrozenModel.of(this);
    }

    private Tensor step(int i, Tensor h, Pass pass, Tap tap) {
        var out = Scope.yieldOwned(() -> layers.get(i).held(layer -> { // in memory as long as somebody looks
            var y = layer.forward(h, pass);
            tap.layer(i, h, y);
            return y;
        }));
        Scope.free(h);
        return out;
    }

    /// The same weights without some layers: another view, so tuning it changes this one too.
    ///
    /// @throws IllegalArgumentException where a layer of the set cannot be removed
    public LayeredModel without(LayerSet removed) {
        for (int i : removed.indices()) {
            if (i >= layers.size()) {
                throw new IllegalArgumentException(
                        "layer %d does not exist: the network has layers 0 to %d".formatted(i, layers.size() - 1));
            }
            layers.get(i).fixed().ifPresent(why -> {
                throw new IllegalArgumentException(
                        "layer %d (%s) cannot be removed: it %s".formatted(i, layers.get(i).name(), why));
            });
        }
        var kept = removed.others(layers.size()).stream().map(layers::get).toList();
        return with(kept);
    }

    /// The same stem and head around other layers.
    public LayeredModel with(List<Layer> others) {
        return new LayeredModel(family, stem, others, head, objective, layout, access);
    }

    /// The same network on weights of another element type, in the current scope. Tied tensors stay tied.
    ///
    /// @throws UnsupportedOperationException where a part does not know how
    public LayeredModel in(DType type) {
        return in(type, List.of(this)).getFirst();
    }

    /// The same networks on weights of another element type, in the current scope. Tensors, layers, stems and heads that they share they
    /// share still.
    ///
    /// @throws UnsupportedOperationException where a part does not know how
    public static List<LayeredModel> in(DType type, List<LayeredModel> networks) {
        var found = new HashMap<Long, Tensor>();
        UnaryOperator<Tensor> cast = tensor -> found.computeIfAbsent(Tensors.identity(tensor),
                _ -> Autograd.off(() -> tensor.detach().to(Tensors.scalarType(type))));
        var parts = new IdentityHashMap<Part, Part>();
        UnaryOperator<Part> part = old -> parts.computeIfAbsent(old, p -> p.in(type, cast));
        var layers = new IdentityHashMap<Layer, Layer>();
        return networks.stream().map(n -> new LayeredModel(n.family, part.apply(n.stem),
                n.layers.stream().map(old -> layers.computeIfAbsent(old, layer -> layer.in(type, cast))).toList(),
                part.apply(n.head), n.objective, n.layout)).toList();
    }

    /// The same network on other tensors, each found from its own; a tensor that stands in two parts is asked for twice.
    ///
    /// @throws UnsupportedOperationException where a part does not know how
    public LayeredModel mapped(UnaryOperator<Tensor> other) {
        return new LayeredModel(family, stem.mapped(other), layers.stream().map(layer -> layer.mapped(other)).toList(),
                head.mapped(other), objective, layout);
    }

    /// The same network with random weights everywhere by the family's own initialisation, in the current scope. A head's tensor that is tied
    /// to the stem's stays tied: it is the stem's.
    ///
    /// @throws UnsupportedOperationException where a part does not know how
    public LayeredModel reinitialised(Seed seed) {
        var first = stem.reinitialised(seed);
        var last = head.reinitialised(seed);
        var drawn = new HashMap<Long, Tensor>(); // by whom they stand for
        stem.parameters().forEach((name, tensor) -> drawn.put(Tensors.identity(tensor), first.parameters().get(name)));
        var tied = new HashMap<Long, Tensor>();
        head.parameters().forEach((name, tensor) -> {
            if (drawn.containsKey(Tensors.identity(tensor))) {
                tied.put(Tensors.identity(last.parameters().get(name)), drawn.get(Tensors.identity(tensor)));
            }
        });
        var end = tied.isEmpty() ? last : last.mapped(t -> tied.getOrDefault(Tensors.identity(t), t));
        return new LayeredModel(family, first, layers.stream().map(layer -> layer.reinitialised(seed)).toList(), end,
                objective, layout);
    }

    /// The layers that can be removed.
    public LayerSet removable() {
        return new LayerSet(IntStream.range(0, layers.size()).filter(i -> layers.get(i).removable()).boxed().toList());
    }

    /// Stem, layers and head, in order of execution.
    public List<Part> parts() {
        var parts = new ArrayList<Part>();
        parts.add(stem);
        parts.addAll(layers);
        parts.add(head);
        return parts;
    }

    /// Every trainable tensor once, by its name; a tied tensor stands under its first name.
    public SequencedMap<String, Tensor> parameters() {
        var seen = new HashSet<Long>();
        var all = new LinkedHashMap<String, Tensor>();
        parts().forEach(part -> part.parameters().forEach((name, tensor) -> {
            if (seen.add(Tensors.identity(tensor))) {
                all.put(name, tensor);
            }
        }));
        return all;
    }

    /// Every other tensor, by its name.
    public SequencedMap<String, Tensor> buffers() {
        var all = new LinkedHashMap<String, Tensor>();
        parts().forEach(part -> all.putAll(part.buffers()));
        return all;
    }

    /// Number of trainable scalars.
    public long parameterCount() {
        return parameters().values().stream().mapToLong(Tensor::numel).sum();
    }

    /// Bytes of all tensors.
    public long bytes() {
        return Stream.concat(parameters().values().stream(), buffers().values().stream()).mapToLong(Tensor::nbytes)
                .sum();
    }

    /// Whether what is kept of a text of so many tokens is still good when the text has grown; else it is read again from its beginning.
    public boolean keeps(long length, long grown) {
        return parts().stream().allMatch(part -> part.keeps(length, grown));
    }

    /// Bytes of the key-value cache for each token of context; 0 where nothing is cached.
    public long cacheBytesPerToken() {
        return parts().stream().mapToLong(Part::cacheBytesPerToken).sum();
    }

    /// Multiply-accumulate operations for one example; 0 where a part does not know.
    public long macs() {
        return parts().stream().mapToLong(Part::macs).sum();
    }
}
