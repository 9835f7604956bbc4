package dev.sglp.family.config;

import dev.sglp.model.LayerSet;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.function.Function;

/// The `config.json` of a network without some of its layers: what counts, lists or numbers layers is changed, what speaks of
/// the files of before is left out, all else is carried.
///
/// @param fields  the original, with every field's role known
/// @param implied lists with one entry for each original layer, by field: what the configuration means where the field is
///                missing, to be written out because fewer layers would mean something else
/// @param rewritten fields written anew, from the original layers that stay
/// @param title   the class in transformers that the written network is
public record ConfigSurgery(ConfigFields fields, Map<String, List<?>> implied,
        Function<List<Integer>, Map<String, Object>> rewritten, String title) {
    /// How weights were packed; those that are read are plain numbers, and so are those that are written.
    public static final String QUANTIZATION = "quantization_config";
    private static final Set<String> OF_THE_FILES = Set.of(QUANTIZATION, "transformers_weights");
    private static final String CLASSES = "architectures";

    public ConfigSurgery {
        implied = Collections.unmodifiableMap(new LinkedHashMap<>(implied));
    }

    /// Whether the configuration says how weights were packed.
    public boolean saysQuantized() {
        return fields.values().get(QUANTIZATION) != null;
    }

    public SequencedMap<String, Object> without(LayerSet removed) {
        var config = new LinkedHashMap<String, Object>();
        fields.values().forEach((name, value) -> {
            if (!OF_THE_FILES.contains(name)) {
                config.put(name, value == null ? null : changed(name, value, removed));
            }
        });
        implied.forEach((name, list) -> {
            if (config.get(name) == null) {
                config.put(name, kept(list, removed));
            }
        });
        fields.unwritten().forEach((name, boundary) -> {
            if (!implied.isEmpty()) {
                config.put(name, moved(boundary, removed));
            }
        });
        if (removed.size() > 0) {
            config.putAll(rewritten.apply(removed.others(layers())));
        }
        return config;
    }

    private int layers() {
        return fields.values().entrySet().stream().filter(e -> fields.role(e.getKey()) == ConfigFields.Role.COUNT)
                .mapToInt(e -> ((Number) e.getValue()).intValue()).findFirst().orElseThrow();
    }

    private Object changed(String name, Object value, LayerSet removed) {
        return switch (fields.role(name)) {
            case COUNT -> ((Number) value).intValue() - removed.size();
            case PER_LAYER -> kept((List<?>) value, removed);
            case BOUNDARY -> moved(((Number) value).intValue(), removed);
            case PLAIN -> name.equals(CLASSES) && value instanceof List<?> list && !list.isEmpty()
                    && !list.contains(title) ? List.of(title) : value;
        };
    }

    private static List<?> kept(List<?> list, LayerSet removed) {
        return removed.others(list.size()).stream().map(list::get).toList();
    }

    private static int moved(int boundary, LayerSet removed) {
        return boundary - (int) removed.indices().stream().filter(r -> r < boundary).count();
    }
}
