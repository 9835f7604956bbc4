package dev.sglp.family.config;

import java.io.IOException;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.BiPredicate;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/// How many positions each layer's tokens see.
public final class Windows {
    /// A token sees every position before it.
    public static final int ALL = 0;
    /// What transformers takes where `sliding_window` is missing.
    public static final int DEFAULT = 4096;
    private static final int DEFAULT_BOUNDARY = 28;
    private static final String TYPES = "layer_types";
    private static final String BOUNDARY = "max_window_layers";
    private static final String FULL = "full_attention";
    private static final String SLIDING = "sliding_attention";

    private Windows() {}

    /// The same for every layer.
    public static List<Integer> every(int layers, int window) {
        return Collections.nCopies(layers, window);
    }

    /// As Qwen writes it: `use_sliding_window`, then `layer_types`, or where it is missing every layer from
    /// `max_window_layers` on.
    public static List<Integer> perLayer(ConfigFields config, int layers) throws IOException {
        return perLayer(config, layers, (layer, boundary) -> layer >= boundary);
    }

    /// The same with another rule where `layer_types` is missing.
    ///
    /// @param slides whether a layer sees the window, by its number and `max_window_layers`
    public static List<Integer> perLayer(ConfigFields config, int layers, BiPredicate<Integer, Integer> slides)
            throws IOException {
        boolean sliding = config.flag("use_sliding_window", false);
        int window = config.countOrNull("sliding_window", DEFAULT);
        int boundary = config.boundary(BOUNDARY, DEFAULT_BOUNDARY);
        var types = config.perLayer(TYPES, layers);
        int used = sliding ? window : ALL;
        return types.isPresent()
                ? byType(config, types.get(), used)
                : IntStream.range(0, layers).mapToObj(i -> slides.test(i, boundary) ? used : ALL).toList();
    }

    private static List<Integer> byType(ConfigFields config, List<String> types, int window) throws IOException {
        for (var type : types) {
            if (!type.equals(FULL) && !(type.equals(SLIDING) && window != ALL)) {
                throw config.wrong(TYPES, window == ALL
                        ? "only '%s' without use_sliding_window".formatted(FULL)
                        : "only '%s' and '%s'".formatted(FULL, SLIDING), type);
            }
        }
        return types.stream().map(t -> t.equals(SLIDING) ? window : ALL).toList();
    }

    /// For each layer whether it sees a window: from `layer_types`, or where it is missing by its number.
    ///
    /// @param otherwise whether the layer of an index does
    public static List<Boolean> types(ConfigFields config, int layers, IntPredicate otherwise) throws IOException {
        var types = config.perLayer(TYPES, layers);
        if (types.isEmpty()) {
            return IntStream.range(0, layers).mapToObj(otherwise::test).toList();
        }
        for (var type : types.get()) {
            if (!type.equals(FULL) && !type.equals(SLIDING)) {
                throw config.wrong(TYPES, "only '%s' and '%s'".formatted(FULL, SLIDING), type);
            }
        }
        return types.get().stream().map(SLIDING::equals).toList();
    }

    /// For each layer the window it sees.
    ///
    /// @param window of those that see one; 0 where nothing says it
    /// @param otherwise whether the layer of an index does where `layer_types` is missing
    public static List<Integer> byTypes(ConfigFields config, int layers, int window, IntPredicate otherwise)
            throws IOException {
        var slides = types(config, layers, otherwise);
        if (window == ALL && slides.contains(true)) {
            throw config.wrong(TYPES, "only '%s', since no layer is said to see a window".formatted(FULL),
                    slides.stream().map(s -> s ? SLIDING : FULL).toList());
        }
        return slides.stream().map(s -> s ? window : ALL).toList();
    }

    /// The `layer_types` that say this, where the layers differ.
    public static Map<String, List<?>> implied(List<Integer> windows) {
        return windows.stream().distinct().count() < 2
                ? Map.of()
                : said(windows);
    }

    /// The `layer_types` that say this, whether the layers differ or not.
    public static Map<String, List<?>> said(List<Integer> windows) {
        return Map.of(TYPES, windows.stream().map(w -> w == ALL ? FULL : SLIDING).toList());
    }
}
