package dev.sglp.family.transformer;

import dev.sglp.model.LayerSet;
import dev.sglp.model.repair.RepairNeed;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.stream.Stream;

/// What descriptions of transformers have in common: a stem, numbered blocks, a head.
public interface TransformerSpec {
    /// What stands before a layer's number in the names of its tensors, for instance `model.layers.`.
    String prefix();

    List<BlockSpec> blocks();

    /// For each layer, how many positions a token sees, itself included; 0 for all.
    default List<Integer> windows() {
        return blocks().stream().map(b -> b.attention().map(AttentionSpec::window).orElse(0)).toList();
    }

    /// Whether it has what a repair needs of layers: of some, or for a scaled stream of all but the first, before which nothing is scaled.
    default boolean has(RepairNeed need) {
        return need == RepairNeed.NORMED_STREAM
                ? blocks().stream().skip(1).allMatch(block -> block.has(need))
                : blocks().stream().anyMatch(block -> block.has(need));
    }

    /// Shapes of the tensors before the layers, by name.
    SequencedMap<String, List<Long>> stemShapes();

    /// Shapes of the tensors behind the layers, by name.
    SequencedMap<String, List<Long>> headShapes();

    /// Shapes of a layer's tensors, by name.
    default SequencedMap<String, List<Long>> layerShapes(int index) {
        return blocks().get(index).shapes(prefix() + index + ".");
    }

    /// Shapes of all tensors that are computed with, by name.
    default SequencedMap<String, List<Long>> shapes() {
        var all = new LinkedHashMap<>(stemShapes());
        for (int i = 0; i < blocks().size(); i++) {
            all.putAll(layerShapes(i));
        }
        all.putAll(headShapes());
        return all;
    }

    /// The names that remain after a removal: old name → new name, in their order.
    default SequencedMap<String, String> renamed(Stream<String> names, LayerSet removed) {
        var places = new HashMap<String, Integer>();
        removed.others(blocks().size()).forEach(i -> places.put(String.valueOf(i), places.size()));
        var all = new LinkedHashMap<String, String>();
        names.forEach(name -> {
            if (!name.startsWith(prefix())) {
                all.put(name, name);
            } else {
                var rest = name.substring(prefix().length()).split("\\.", 2);
                var place = places.get(rest[0]);
                if (place != null) {
                    all.put(name, prefix() + place + "." + rest[1]);
                }
            }
        });
        return all;
    }
}
