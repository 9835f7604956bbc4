package dev.sglp.model;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;
import java.util.function.IntPredicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// Indices of layers, ascending and distinct, counted from 0 over the original network.
public record LayerSet(@JsonValue List<Integer> indices) implements Comparable<LayerSet> {
    public static final LayerSet EMPTY = new LayerSet(List.of());

    public LayerSet {
        indices = List.copyOf(new TreeSet<>(indices));
        if (!indices.isEmpty() && indices.getFirst() < 0) {
            throw new IllegalArgumentException("a layer index is at least 0, got " + indices.getFirst());
        }
    }

    /// Layers that somebody wrote down: a layer that is named twice was meant to be another.
    ///
    /// @throws IllegalArgumentException where one is named twice
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public static LayerSet listed(List<Integer> indices) {
        var seen = new TreeSet<Integer>();
        for (int index : indices) {
            if (!seen.add(index)) {
                throw new IllegalArgumentException("layer %d is named twice".formatted(index));
            }
        }
        return new LayerSet(indices);
    }

    public static LayerSet of(int... indices) {
        return new LayerSet(java.util.Arrays.stream(indices).boxed().toList());
    }

    /// The places of these sets in an order in which neighbours, left out of a network, share the longest beginnings of their
    /// paths: last changed layer first.
    public static List<Integer> sharing(List<LayerSet> sets) {
        return IntStream.range(0, sets.size()).boxed().sorted((a, b) -> sets.get(b).compareTo(sets.get(a))).toList();
    }

    public LayerSet union(LayerSet other) {
        var all = new TreeSet<>(indices);
        all.addAll(other.indices);
        return new LayerSet(List.copyOf(all));
    }

    /// Those of these layers.
    public LayerSet only(IntPredicate which) {
        return new LayerSet(indices.stream().filter(which::test).toList());
    }

    /// Those that are none of these.
    public LayerSet without(LayerSet others) {
        return only(layer -> !others.contains(layer));
    }

    /// The other layers of a network of so many, in order.
    public List<Integer> others(int layers) {
        return IntStream.range(0, layers).filter(i -> !contains(i)).boxed().toList();
    }

    /// Where these are left out of a network of so many: the layers before and behind each gap, by their places among those that stay.
    public List<Integer> besideGaps(int layers) {
        var kept = others(layers);
        var beside = new TreeSet<Integer>();
        for (int place = 0; place <= kept.size(); place++) {
            int before = place == 0 ? -1 : kept.get(place - 1);
            int behind = place == kept.size() ? layers : kept.get(place);
            if (behind > before + 1) {
                beside.add(place - 1);
                beside.add(place);
            }
        }
        return beside.stream().filter(place -> place >= 0 && place < kept.size()).toList();
    }

    public boolean contains(int layer) {
        return indices.contains(layer);
    }

    public boolean overlaps(Collection<Integer> others) {
        return indices.stream().anyMatch(others::contains);
    }

    public int size() {
        return indices.size();
    }

    @Override
    public int compareTo(LayerSet other) {
        for (int i = 0; i < Math.min(size(), other.size()); i++) {
            int order = Integer.compare(indices.get(i), other.indices.get(i));
            if (order != 0) {
                return order;
            }
        }
        return Integer.compare(size(), other.size());
    }

    /// The indices with a blank between them, for instance `3 13 14 26`; `none` where empty.
    @Override
    public String toString() {
        return indices.isEmpty() ? "none" : indices.stream().map(String::valueOf).collect(Collectors.joining(" "));
    }
}
