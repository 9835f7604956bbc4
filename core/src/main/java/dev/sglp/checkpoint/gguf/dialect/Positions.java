package dev.sglp.checkpoint.gguf.dialect;

import dev.sglp.checkpoint.gguf.GgufTensor;
import dev.sglp.checkpoint.gguf.GgufType;
import dev.sglp.checkpoint.gguf.dialect.Dialect.Clause;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.stream.LongStream;

/// How positions turn queries and keys. What stretches them is said in values (linear, YaRN) or by a tensor of quotients of the
/// frequencies (Llama 3, LongRoPE).
public final class Positions {
    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED
            .withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final String QUOTIENTS = "rope_freqs.weight";
    private static final String SHORT = "rope_factors_short.weight";
    private static final String LONG = "rope_factors_long.weight";
    /// Tensors that hold no weights, but how positions are stretched.
    static final List<String> FACTORS = List.of(QUOTIENTS, SHORT, LONG);
    private static final double BASE = 10_000;
    private static final String TYPE = "rope.scaling.type";
    private static final String FACTOR = "rope.scaling.factor";
    private static final String TRAINED = "rope.scaling.original_context_length";
    private static final String STRENGTH = "rope.scaling.attn_factor";
    private static final double SAME = 1e-6; // relative, of a number that was float32

    private Positions() {}

    /// All numbers of a head are turned.
    public static Clause whole() {
        return said -> {
            said.values().same("rope.dimension_count", said.heads().size());
            turn(said, "rope_theta");
        };
    }

    /// A part of each head is turned.
    ///
    /// @param base  field of the base of the frequencies
    /// @param share field of the part
    public static Clause part(String base, String share) {
        return said -> {
            int size = said.heads().size();
            int turned = said.values().find("rope.dimension_count", "turned numbers of a head").orElse(size);
            if (turned > size || turned % 2 != 0) {
                throw new IOException("[%s] turns %d numbers of a head of %d".formatted(said.path(), turned, size));
            }
            said.put(share, shareOf(turned, size));
            turn(said, base);
        };
    }

    /// The shortest decimal that gives this number of a head's again.
    private static double shareOf(int turned, int size) {
        for (int digits = 1; digits < 9; digits++) {
            double scale = Math.pow(10, digits);
            double share = Math.round(scale * turned / size) / scale;
            if ((int) (size * share) == turned) {
                return share;
            }
        }
        return (double) turned / size;
    }

    private static void turn(Said said, String baseField) throws IOException {
        double base = said.values().real("rope.freq_base").orElse(BASE);
        said.put(baseField, base);
        said.values().harmless("rope.scaling.finetuned");
        var type = said.values().text(TYPE).orElse("linear"); // a factor without a type, as in llama.cpp
        if (said.has(LONG) || said.has(SHORT)) {
            longRope(said);
            return;
        }
        double factor = said.values().real(FACTOR).orElse(1.0);
        boolean stretched = !type.equals("none") && factor != 1;
        if (!List.of("none", "linear", "yarn").contains(type) || stretched && said.has(QUOTIENTS)) {
            throw new IOException("[%s] stretches its positions by '%s' with factor %s%s, which is not read".formatted(
                    said.path(), type, factor, said.has(QUOTIENTS) ? " and by '" + QUOTIENTS + "'" : ""));
        }
        if (said.has(QUOTIENTS)) {
            said.values().harmless(TRAINED);
            said.put("rope_scaling", new RopeFactors(base, said.heads().size()).scaling(said.path(),
                    said.tensor(QUOTIENTS), said.file()));
        } else if (stretched && type.equals("yarn")) {
            said.put("rope_scaling", yarn(said, factor));
        } else {
            said.values().harmless(TRAINED);
            if (stretched) {
                said.put("rope_scaling", scaling("linear", factor));
            }
        }
    }

    private static SequencedMap<String, Object> scaling(String type, double factor) {
        var scaling = new LinkedHashMap<String, Object>();
        scaling.put("rope_type", type);
        scaling.put("factor", factor);
        return scaling;
    }

    private static SequencedMap<String, Object> yarn(Said said, double factor) throws IOException {
        var scaling = scaling("yarn", factor);
        scaling.put("original_max_position_embeddings",
                said.values().number(TRAINED, "positions of the first training, which 'yarn' needs"));
        said.values().real("rope.scaling.yarn_beta_fast").ifPresent(turns -> scaling.put("beta_fast", turns));
        said.values().real("rope.scaling.yarn_beta_slow").ifPresent(turns -> scaling.put("beta_slow", turns));
        return scaling;
    }

    /// The longer the text, the other list of quotients.
    private static void longRope(Said said) throws IOException {
        var scaling = new LinkedHashMap<String, Object>();
        scaling.put("type", "longrope");
        scaling.put("short_factor", factors(said, said.tensor(SHORT)));
        scaling.put("long_factor", factors(said, said.tensor(LONG)));
        int trained = said.values().number(TRAINED, "positions of the first training");
        double usual = strength((double) said.values().number("context_length", "longest text") / trained, trained);
        said.values().real(STRENGTH).filter(strength -> Math.abs(strength - usual) > SAME * usual)
                .ifPresent(strength -> scaling.put("attention_factor", strength));
        said.put("rope_scaling", scaling);
        said.put("original_max_position_embeddings", trained);
    }

    /// By what LongRoPE multiplies sines and cosines where nothing else is said.
    private static double strength(double factor, int trained) {
        return factor <= 1 ? 1 : Math.sqrt(1 + Math.log(factor) / Math.log(trained));
    }

    private static List<Double> factors(Said said, GgufTensor tensor) throws IOException {
        if (tensor.type() != GgufType.F32 || tensor.shape().size() != 1) {
            throw new IOException("[%s] tensor '%s' has type %s and shape %s, expected a list of F32".formatted(
                    said.path(), tensor.name(), tensor.type(), tensor.shape()));
        }
        return LongStream.range(0, tensor.shape().getFirst()).mapToObj(i -> Double
                .valueOf(Float.toString(said.file().get(FLOAT, tensor.offset() + i * Float.BYTES)))).toList();
    }
}
