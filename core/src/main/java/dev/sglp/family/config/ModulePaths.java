package dev.sglp.family.config;

import dev.sglp.model.LayerSet;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/// Names of modules inside a setting, for instance the modules a quantisation leaves alone: `model.layers.12.mlp`. Layer
/// numbers in them follow a removal.
///
/// @param removed layers that go
record ModulePaths(LayerSet removed) {
    private static final Pattern PATH = Pattern
            .compile("((?:\\w+\\.)*(?:layers|h|blocks)\\.)(\\d{1,6})((?:\\.\\w+)*\\.?)");
    private static final Pattern NUMBERED = Pattern.compile("(?s).*(layers|blocks|\\bh\\b).*\\d.*");

    /// The same setting for the smaller network: paths of removed layers are left out.
    Object without(Object value) {
        return switch (value) {
            case String text -> moved(text).orElse(text);
            case List<?> list -> items(list);
            case Map<?, ?> map -> entries(map);
            default -> value;
        };
    }

    private List<Object> items(List<?> list) {
        var kept = new ArrayList<Object>();
        for (var item : list) {
            if (!(item instanceof String text) || moved(text).isPresent()) {
                kept.add(item == null ? List.of() : without(item));
            }
        }
        return kept;
    }

    private Map<String, Object> entries(Map<?, ?> map) {
        var kept = new LinkedHashMap<String, Object>();
        map.forEach((key, item) -> moved(String.valueOf(key))
                .ifPresent(name -> kept.put(name, item == null ? null : without(item))));
        return kept;
    }

    /// Empty where the path leads into a removed layer; the same text where it is not a path into a layer.
    private Optional<String> moved(String text) {
        var path = PATH.matcher(text);
        if (!path.matches()) {
            return Optional.of(text);
        }
        int layer = Integer.parseInt(path.group(2));
        long before = removed.indices().stream().filter(r -> r < layer).count();
        return removed.contains(layer)
                ? Optional.empty()
                : Optional.of(path.group(1) + (layer - before) + path.group(3));
    }

    /// @throws IOException where a layer's number stands in something else than a plain path, for instance in a pattern
    static void check(String file, Object value) throws IOException {
        switch (value) {
            case String text when NUMBERED.matcher(text).matches() && !PATH.matcher(text).matches() ->
                throw new IOException(
                        "[%s] config.json 'quantization_config' names layers in '%s', expected plain module names such as 'model.layers.3.mlp'. Patterns with layer numbers cannot be carried to fewer layers"
                                .formatted(file, text));
            case List<?> list -> {
                for (var item : list) {
                    check(file, item == null ? "" : item);
                }
            }
            case Map<?, ?> map -> {
                for (var entry : map.entrySet()) {
                    check(file, entry.getKey());
                    check(file, entry.getValue() == null ? "" : entry.getValue());
                }
            }
            default -> {
            }
        }
    }
}
