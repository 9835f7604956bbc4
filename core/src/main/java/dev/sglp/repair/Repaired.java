package dev.sglp.repair;

import dev.sglp.model.Layer;
import dev.sglp.model.LayerSet;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.Part;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Tensors;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.stream.Collectors;
import org.bytedeco.pytorch.Tensor;

/// A network without some layers, some of the others changed. It owns the tensors that differ from the dense network's; close it.
public final class Repaired implements AutoCloseable {
    private final LayeredModel dense;
    private final LayerSet removed;
    private final List<Change> changes = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();
    private final List<Tensor> owned = new ArrayList<>();

    Repaired(LayeredModel dense, LayerSet removed) {
        this.dense = dense;
        this.removed = removed;
    }

    /// Nothing was changed.
    public static Repaired nothing(LayeredModel dense, LayerSet removed) {
        return new Repaired(dense, removed);
    }

    /// A changed layer.
    ///
    /// @param index  of the layer in the dense network
    /// @param fit    how well it fits now
    public record Change(int index, Layer layer, LayerFit fit) {}

    /// How a layer's output compares with the stream it aims at.
    ///
    /// @param layer  its index in the dense network
    /// @param lambda ridge of the fit; 0 where nothing was fitted
    /// @param before mean squared distance to the dense stream, as a share of that stream's mean square
    /// @param after  the same after the change
    public record LayerFit(int layer, double lambda, double before, double after) {}

    /// Changed layers, first to last.
    public List<Change> changes() {
        return List.copyOf(changes);
    }

    /// Sentences for the user.
    public List<String> notes() {
        return List.copyOf(notes);
    }

    /// One more.
    public void note(String sentence) {
        notes.add(sentence);
    }

    /// Takes a changed layer, and its tensors that are not the dense network's.
    void add(Change change) {
        changes.add(change);
        differing(dense.layers().get(change.index), change.layer).values().stream().map(Scope::own).forEach(owned::add);
    }

    /// Puts another layer in the place of the last that was taken, whose tensors are freed.
    void replaceLast(Change other) {
        var last = changes.removeLast();
        var mine = differing(dense.layers().get(last.index), last.layer).values().stream().map(Tensors::identity)
                .collect(Collectors.toSet());
        add(other);
        var now = differing(dense.layers().get(other.index), other.layer).values().stream().map(Tensors::identity)
                .collect(Collectors.toSet());
        owned.removeIf(tensor -> {
            boolean gone = mine.contains(Tensors.identity(tensor)) && !now.contains(Tensors.identity(tensor));
            if (gone) {
                Scope.free(tensor);
            }
            return gone;
        });
    }

    /// The same of a layer that may be the dense network's.
    void addIfChanged(Change change) {
        if (change.layer != dense.layers().get(change.index)) {
            add(change);
        }
    }

    /// The whole smaller network.
    public LayeredModel network() {
        return network(changes.size());
    }

    /// The same with only the first so many of its changes.
    public LayeredModel network(int first) {
        var layers = new ArrayList<>(dense.layers());
        changes.subList(0, first).forEach(change -> layers.set(change.index, change.layer));
        return dense.with(layers).without(removed);
    }

    /// Forgets all changes but the first so many.
    public void keep(int first) {
        changes.subList(first, changes.size()).clear();
    }

    /// The tensors that differ from the dense network's, by their names in the original checkpoint.
    public SequencedMap<String, Tensor> tensors() {
        var all = new LinkedHashMap<String, Tensor>();
        changes.forEach(change -> all.putAll(differing(dense.layers().get(change.index), change.layer)));
        return all;
    }

    /// The tensors of `after` that are others than those of `before`, by their names.
    static SequencedMap<String, Tensor> differing(Part before, Part after) {
        var old = tensors(before).values().stream().map(Tensors::identity).collect(Collectors.toSet());
        var all = tensors(after);
        all.values().removeIf(tensor -> old.contains(Tensors.identity(tensor)));
        return all;
    }

    private static SequencedMap<String, Tensor> tensors(Part part) {
        var all = new LinkedHashMap<>(part.parameters());
        all.putAll(part.buffers());
        return all;
    }

    /// The same as {@link #tensors}, which now belong to the caller.
    public SequencedMap<String, Tensor> handOver() {
        var all = tensors();
        var given = all.values().stream().map(Tensors::identity).collect(Collectors.toSet());
        owned.removeIf(tensor -> given.contains(Tensors.identity(tensor)));
        return all;
    }

    @Override
    public void close() {
        owned.forEach(Scope::free);
        owned.clear();
    }
}
