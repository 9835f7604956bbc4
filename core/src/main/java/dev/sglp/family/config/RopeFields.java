package dev.sglp.family.config;

import dev.sglp.model.transformer.position.Rope;
import dev.sglp.model.transformer.position.Rope.Pairs;
import dev.sglp.model.transformer.position.Rope.Scaling;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/// Where a `config.json` says how positions turn queries and keys.
///
/// @param config   the configuration
/// @param headSize numbers a head
/// @param context  positions the network was made for
/// @param share    which share of a head is turned where nothing says it; empty where all of it is and nothing else is known
/// @param pairs    which numbers are turned together
/// @param base     `rope_theta` where nothing says it
/// @param types    the scalings that the family knows
public record RopeFields(ConfigFields config, int headSize, int context, Optional<Double> share, Pairs pairs,
        double base, List<String> types) {
    private static final double DEFAULT_BASE = 10_000;
    private static final double MOST_TURNS = 32; // what transformers takes where `beta_fast` is missing
    private static final String ORIGINAL = "original_max_position_embeddings";
    private static final List<String> KNOWN = List.of("default", "linear", "dynamic", "llama3", "yarn", "longrope");
    /// What other types of scaling look at.
    private static final String[] OF_OTHER_TYPES = {"factor", "low_freq_factor", "high_freq_factor", ORIGINAL,
            "attention_factor", "beta_fast", "beta_slow", "mscale", "mscale_all_dim", "truncate", "short_factor",
            "long_factor", "finetuned"};

    /// Of a family that turns all numbers of a head.
    public static Rope of(ConfigFields config, int headSize, int context) throws IOException {
        return whole(config, headSize, context).rope();
    }

    /// All numbers of a head, in two halves.
    public static RopeFields whole(ConfigFields config, int headSize, int context) {
        return new RopeFields(config, headSize, context, Optional.empty(), Pairs.HALVES, DEFAULT_BASE, KNOWN);
    }

    /// Of a family that may turn a share of each head.
    public RopeFields share(double otherwise) {
        return new RopeFields(config, headSize, context, Optional.of(otherwise), pairs, base, types);
    }

    public RopeFields pairs(Pairs other) {
        return new RopeFields(config, headSize, context, share, other, base, types);
    }

    public RopeFields base(double otherwise) {
        return new RopeFields(config, headSize, context, share, pairs, otherwise, types);
    }

    /// Of a family that knows only these scalings, the first where none is named.
    public RopeFields types(String... known) {
        return new RopeFields(config, headSize, context, share, pairs, base, List.of(known));
    }

    /// From `rope_scaling` where it says something, else `rope_parameters`, else from `rope_theta` alone, as transformers 5
    /// takes them. What they do not say of theta, `rope_theta` beside them says.
    public Rope rope() throws IOException {
        var now = config.object("rope_parameters");
        var found = config.object("rope_scaling").filter(old -> !old.names().isEmpty()).or(() -> now);
        return from(found, config.positive("rope_theta", base));
    }

    /// Of layers of one type: from its object in `rope_parameters`, which older files do not have.
    ///
    /// @param type  for instance `sliding_attention`
    /// @param outer its `rope_theta` where that does not say it
    public Rope ofType(String type, double outer) throws IOException {
        var now = config.object("rope_parameters");
        return from(now.isPresent() ? now.get().object(type) : Optional.empty(), outer);
    }

    /// From one object of the configuration.
    ///
    /// @param outer its `rope_theta` where it does not say it
    public Rope from(Optional<ConfigFields> object, double outer) throws IOException {
        double turned = share(config, share.orElse(1.0));
        config.value(ORIGINAL);
        if (object.isEmpty()) {
            return new Rope(size(turned), outer, new Scaling.None(), pairs);
        }
        var found = object.get();
        int size = size(share(found, turned));
        var rope = new Rope(size, found.positive("rope_theta", outer), scaling(found, size), pairs);
        found.harmless(OF_OTHER_TYPES);
        for (var name : found.names()) {
            if (!found.wasRead(name)) {
                throw found.wrong(name, "no field of this name", found.values().get(name));
            }
        }
        return rope;
    }

    private int size(double turned) throws IOException {
        int size = (int) (headSize * turned);
        if (size < 2 || size % 2 != 0 || size > headSize) {
            throw config.wrong("partial_rotary_factor", "an even number of a head's %d numbers".formatted(headSize),
                    turned);
        }
        return size;
    }

    private double share(ConfigFields fields, double otherwise) throws IOException {
        double found = fields.positive("partial_rotary_factor", otherwise);
        if (share.isEmpty() && found != 1) {
            throw fields.wrong("partial_rotary_factor", "1 for this family", found);
        }
        return found;
    }

    private Scaling scaling(ConfigFields fields, int size) throws IOException {
        if (fields.value("rope_type").or(() -> fields.value("type")).isEmpty() && fields.value("factor").isPresent()) {
            throw fields.wrong("rope_type", "one of %s beside a factor".formatted(types), null);
        }
        var type = fields.value("rope_type").isPresent()
                ? fields.oneOf("rope_type", types)
                : fields.oneOf("type", types);
        fields.harmless("type");
        return switch (type) {
            case "linear" -> new Scaling.Linear(fields.required("factor"));
            case "dynamic" -> new Scaling.Dynamic(fields.required("factor"), context);
            case "llama3" -> llama3(fields);
            case "yarn" -> yarn(fields);
            case "longrope", "su" -> longRope(fields, size); // by its name of the first days
            default -> new Scaling.None();
        };
    }

    /// Positions of the first training: beside the object, then inside.
    private int original(ConfigFields fields) throws IOException {
        int inside = fields.count(ORIGINAL, context);
        return config.count(ORIGINAL, inside);
    }

    private Scaling llama3(ConfigFields fields) throws IOException {
        double low = fields.required("low_freq_factor");
        double high = fields.required("high_freq_factor");
        if (!(low < high)) {
            throw fields.wrong("high_freq_factor", "more than low_freq_factor " + low, high);
        }
        return new Scaling.Llama3(fields.required("factor"), low, high, original(fields));
    }

    private Scaling yarn(ConfigFields fields) throws IOException {
        int original = original(fields);
        double factor = fields.positive("factor", (double) context / original);
        double fast = fields.positive("beta_fast", MOST_TURNS);
        double slow = fields.positive("beta_slow", 1);
        return new Scaling.Yarn(factor, fields.positive("attention_factor", strength(fields, factor)), fast, slow,
                original, fields.flag("truncate", true));
    }

    private static double strength(ConfigFields fields, double factor) throws IOException {
        boolean both = fields.value("mscale").isPresent() && fields.value("mscale_all_dim").isPresent();
        return both
                ? strength(factor, fields.positive("mscale", 1)) / strength(factor,
                        fields.positive("mscale_all_dim", 1))
                : strength(factor, 1);
    }

    private static double strength(double factor, double scale) {
        return factor <= 1 ? 1 : 0.1 * scale * Math.log(factor) + 1;
    }

    private Scaling longRope(ConfigFields fields, int size) throws IOException {
        int original = original(fields);
        double factor = fields.positive("factor", (double) context / original);
        double strength = factor <= 1 ? 1 : Math.sqrt(1 + Math.log(factor) / Math.log(original));
        return new Scaling.LongRope(factors(fields, "short_factor", size / 2), factors(fields, "long_factor", size / 2),
                original, fields.positive("attention_factor", strength));
    }

    private static List<Double> factors(ConfigFields fields, String name, int pairs) throws IOException {
        var all = fields.numbers(name, List.of());
        if (all.size() != pairs || all.stream().anyMatch(f -> !(f > 0))) {
            throw fields.wrong(name, "a list of %d numbers above 0, one for each pair".formatted(pairs), all);
        }
        return all;
    }
}
