package dev.sglp.family.transformer;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/// Shapes of tensors by their names.
public final class Shapes {
    private Shapes() {}

    public static SequencedMap<String, List<Long>> of(String name, List<Long> shape) {
        var one = new LinkedHashMap<String, List<Long>>();
        one.put(name, shape);
        return one;
    }

    static SequencedMap<String, List<Long>> all(List<SequencedMap<String, List<Long>>> parts) {
        var all = new LinkedHashMap<String, List<Long>>();
        parts.forEach(all::putAll);
        return all;
    }
}
