package dev.sglp.family.config;

import dev.sglp.model.transformer.position.Rope;
import java.io.IOException;
import java.util.List;

/// Where a `config.json` says how positions turn queries and keys.
public final class RopeFields {
    private static final double DEFAULT_BASE = 10_000;
    /// What types of scaling that are not read look at; the others do not.
    private static final String[] OF_OTHER_TYPES = {"factor", "low_freq_factor", "high_freq_factor",
            "original_max_position_embeddings", "attention_factor", "beta_fast", "beta_slow", "mscale",
            "mscale_all_dim", "truncate", "short_factor", "long_factor", "finetuned"};

    private RopeFields() {}

    /// From `rope_scaling` where it says something, else `rope_parameters`, else from `rope_theta` alone, as transformers 5
    /// takes them. What they do not say of theta, `rope_theta` beside them says.
    ///
    /// @param context positions the network was made for
    public static Rope of(ConfigFields config, int headSize, int context) throws IOException {
        double outer = config.positive("rope_theta", DEFAULT_BASE);
        whole(config);
        var now = config.object("rope_parameters");
        var fields = config.object("rope_scaling").filter(old -> !old.names().isEmpty()).or(() -> now);
        if (fields.isEmpty()) {
            return new Rope(headSize, outer, new Rope.Scaling.None());
        }
        var found = fields.get();
        var rope = new Rope(headSize, found.positive("rope_theta", outer), scaling(found, context));
        whole(found);
        found.harmless(OF_OTHER_TYPES);
        for (var name : found.names()) {
            if (!found.wasRead(name)) {
                throw found.wrong(name, "no field of this name", found.values().get(name));
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

    private static Rope.Scaling scaling(ConfigFields fields, int context) throws IOException {
        var known = List.of("default", "linear", "llama3");
        if (fields.value("rope_type").or(() -> fields.value("type")).isEmpty() && fields.value("factor").isPresent()) {
            throw fields.wrong("rope_type", "one of %s beside a factor".formatted(known), null);
        }
        var type = fields.value("rope_type").isPresent()
                ? fields.oneOf("rope_type", known)
                : fields.oneOf("type", known);
        fields.harmless("type");
        return switch (type) {
            case "linear" -> new Rope.Scaling.Linear(fields.required("factor"));
            case "llama3" -> llama3(fields, context);
            default -> new Rope.Scaling.None();
        };
    }

    private static Rope.Scaling llama3(ConfigFields fields, int context) throws IOException {
        double low = fields.required("low_freq_factor");
        double high = fields.required("high_freq_factor");
        if (!(low < high)) {
            throw fields.wrong("high_freq_factor", "more than low_freq_factor " + low, high);
        }
        return new Rope.Scaling.Llama3(fields.required("factor"), low, high,
                fields.count("original_max_position_embeddings", context));
    }
}
