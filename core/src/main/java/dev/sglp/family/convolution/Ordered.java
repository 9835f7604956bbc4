package dev.sglp.family.convolution;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/// Shapes by name, in the order they are told.
record Ordered(SequencedMap<String, List<Long>> all) {
    static Ordered of(String name, List<Long> shape) {
        return new Ordered(new LinkedHashMap<>()).and(true, name, shape);
    }

    Ordered and(boolean there, String name, List<Long> shape) {
        if (there) {
            all.put(name, shape);
        }
        return this;
    }
}
