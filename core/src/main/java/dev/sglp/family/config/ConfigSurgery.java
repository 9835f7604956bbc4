package dev.sglp.family.config;

import dev.sglp.model.LayerSet;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.stream.IntStream;

/// The `config.json` of a network without some of its layers: what counts, lists or numbers layers is changed, all else is
/// carried.
///
/// @param fields  the original, with every field's role known
/// @param windows positions each original layer sees
public record ConfigSurgery(ConfigFields fields, List<Integer> windows) {
    private static final String QUANTIZATION = "quantization_config";

    public ConfigSurgery {
        windows = List.copyOf(windows);
    }

    /// @throws IOException where a field that names layers cannot be carried
    public void check() throws IOException {
        var quantization = fields.value(QUANTIZATION);
        if (quantization.isPresent()) {
            ModulePaths.check(fields.file(), quantization.get());
        }
    }

    public SequencedMap<String, Object> without(LayerSet removed) {
        var config = new LinkedHashMap<String, Object>();
        fields.values()
                .forEach((name, value) -> config.put(name, value == null ? null : changed(name, value, removed)));
        boolean mixed = windows.stream().distinct().count() > 1;
        if (mixed && config.get(Windows.TYPES) == null) {
            config.put(Windows.TYPES, kept(Windows.types(windows), removed));
        }
        if (mixed && config.get(Windows.BOUNDARY) == null) {
            config.put(Windows.BOUNDARY, moved(windows.lastIndexOf(Windows.ALL) + 1, removed));
        }
        return config;
    }

    private Object changed(String name, Object value, LayerSet removed) {
        return switch (fields.role(name)) {
            case COUNT -> ((Number) value).intValue() - removed.size();
            case PER_LAYER -> kept((List<?>) value, removed);
            case BOUNDARY -> moved(((Number) value).intValue(), removed);
            case PLAIN -> name.equals(QUANTIZATION) ? new ModulePaths(removed).without(value) : value;
        };
    }

    private static List<?> kept(List<?> list, LayerSet removed) {
        return IntStream.range(0, list.size()).filter(i -> !removed.contains(i)).mapToObj(list::get).toList();
    }

    private static int moved(int boundary, LayerSet removed) {
        return boundary - (int) removed.indices().stream().filter(r -> r < boundary).count();
    }
}
