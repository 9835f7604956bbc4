package dev.sglp.family.config;

import dev.sglp.model.transformer.Rope;
import java.io.IOException;
import java.util.List;

/// Where a `config.json` says how positions turn queries and keys.
public final class RopeFields {
    private static final double DEFAULT_BASE = 10_000;

    private RopeFields() {}

    /// From `rope_parameters` (transformers 5), or `rope_theta` and `rope_scaling` (before).
    public static Rope of(ConfigFields config, int headSize) throws IOException {
        double outer = config.positive("rope_theta", DEFAULT_BASE);
        whole(config);
        var old = config.object("rope_scaling");
        var now = config.object("rope_parameters");
        var fields = now.or(() -> old);
        if (fields.isEmpty()) {
            return new Rope(headSize, outer, new Rope.Scaling.None());
        }
        var rope = rope(config, fields.get(), headSize, outer);
        if (now.isPresent() && old.isPresent() && !rope.equals(rope(config, old.get(), headSize, rope.base()))) {
            throw config.wrong("rope_scaling", "the same as rope_parameters", old.get().values());
        }
        return rope;
    }

    /// @param base where the fields do not say it
    private static Rope rope(ConfigFields config, ConfigFields fields, int headSize, double base) throws IOException {
        var rope = new Rope(headSize, fields.positive("rope_theta", base), scaling(fields));
        whole(fields);
        for (var name : fields.names()) {
            if (!fields.wasRead(name)) {
                throw config.wrong("rope_scaling", "no field '%s'".formatted(name), fields.values());
            }
        }
        return rope;
    }

    private static void whole(ConfigFields fields) throws IOException {
        double share = fields.positive("partial_rotary_factor", 1);
        if (share != 1) {
            throw fields.wrong("partial_rotary_factor", "1 for this family", share);
        }
    }

    private static Rope.Scaling scaling(ConfigFields fields) throws IOException {
        var known = List.of("default", "linear", "llama3");
        var type = fields.value("rope_type").isPresent()
                ? fields.oneOf("rope_type", known)
                : fields.oneOf("type", known);
        fields.harmless("type");
        return switch (type) {
            case "linear" -> new Rope.Scaling.Linear(fields.required("factor"));
            case "llama3" -> llama3(fields);
            default -> new Rope.Scaling.None();
        };
    }

    private static Rope.Scaling llama3(ConfigFields fields) throws IOException {
        double low = fields.required("low_freq_factor");
        double high = fields.required("high_freq_factor");
        if (!(low < high)) {
            throw fields.wrong("high_freq_factor", "more than low_freq_factor " + low, high);
        }
        return new Rope.Scaling.Llama3(fields.required("factor"), low, high,
                fields.count("original_max_position_embeddings"));
    }
}
