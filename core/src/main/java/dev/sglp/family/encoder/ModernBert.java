package dev.sglp.family.encoder;

import dev.sglp.family.config.Activations;
import dev.sglp.family.config.ConfigFields;
import dev.sglp.family.config.RopeFields;
import dev.sglp.family.config.Windows;
import dev.sglp.family.transformer.AttentionSpec;
import dev.sglp.family.transformer.AttentionSpec.Heads;
import dev.sglp.family.transformer.AttentionSpec.Maps;
import dev.sglp.family.transformer.BlockSpec;
import dev.sglp.family.transformer.BlockSpec.SublayerSpec;
import dev.sglp.family.transformer.LinearSpec;
import dev.sglp.family.transformer.MlpSpec;
import dev.sglp.family.transformer.NormSpec;
import dev.sglp.model.transformer.mixer.Projection;
import dev.sglp.model.transformer.position.Mask;
import dev.sglp.model.transformer.position.Rope;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;

/// ModernBERT: norms before the mixers, rotary positions, a gated perceptron; most layers see a window around each token alone.
public final class ModernBert implements EncoderFamily {
    private static final Pattern CARRIED = Pattern.compile("(head|decoder)\\..*");
    private static final String TYPES = "layer_types";
    private static final String EVERY = "global_attn_every_n_layers";
    private static final double GLOBAL = 160_000;
    private static final double LOCAL = 10_000;
    private static final int WINDOW = 128;
    private static final int USUAL_EVERY = 3;

    @Override
    public String name() {
        return "modernbert";
    }

    @Override
    public String title() {
        return "ModernBERT";
    }

    @Override
    public String transformersClass() {
        return "ModernBert";
    }

    @Override
    public String source() {
        return "Warner 2024, arXiv 2412.13663";
    }

    @Override
    public String base() {
        return "model.";
    }

    @Override
    public String table() {
        return "embeddings.tok_embeddings.weight";
    }

    @Override
    public Pattern carried() {
        return CARRIED;
    }

    /// transformers 5 asks the list, and takes every third layer for one that sees all where there is none.
    @Override
    public Map<String, List<?>> implied(EncoderSpec spec) {
        return Map.of(TYPES, spec.blocks().stream()
                .map(b -> b.attention().orElseThrow().window() == Windows.ALL ? "full_attention" : "sliding_attention")
                .toList());
    }

    /// An older transformers, which knows no list, then fails instead of taking other layers for those that see all.
    @Override
    public Function<List<Integer>, Map<String, Object>> rewritten(EncoderSpec spec) {
        var none = new HashMap<String, Object>();
        none.put(EVERY, null);
        return _ -> none;
    }

    @Override
    public EncoderSpec spec(ConfigFields config, String base) throws IOException {
        config.harmless("reference_compile", "repad_logits_with_grad", "classifier_pooling", "deterministic_flash_attn",
                "sparse_prediction",
                "sparse_pred_ignore_index", "norm_type", "layer_norm_eps", "position_embedding_type");
        int d = config.count("hidden_size");
        int layers = config.layers("num_hidden_layers");
        int context = config.count("max_position_embeddings", 1 << 13);
        var kind = config.flag("norm_bias", false) ? NormSpec.Kind.LAYER : NormSpec.Kind.LAYER_WITHOUT_BIAS;
        double epsilon = config.positive("norm_eps", 1e-5);
        int every = config.count(EVERY, USUAL_EVERY);
        var windows = Windows.byTypes(config, layers, config.count("local_attention", WINDOW), i -> i % every != 0);
        var far = attention(config, d).turnedBy(rope(config, d, "full_attention", GLOBAL));
        var near = attention(config, d).turnedBy(rope(config, d, "sliding_attention", LOCAL));
        var blocks = new ArrayList<BlockSpec>();
        for (int i = 0; i < layers; i++) {
            var own = (windows.get(i) == Windows.ALL ? far : near)
                    .seeing(new Mask.Sight(windows.get(i), false, new Mask.Alibi(0, 1)));
            var before = i == 0 ? NormSpec.NONE : NormSpec.of("attn_norm", kind, d, epsilon);
            blocks.add(BlockSpec.of(new SublayerSpec(before, own),
                    new SublayerSpec(NormSpec.of("mlp_norm", kind, d, epsilon), mlp(config, d))));
        }
        var table = new EncoderSpec.Table(base + table(), config.count("vocab_size"), d);
        return new EncoderSpec(new EncoderSpec.Stem(table, Optional.empty(), Optional.empty(), 0,
                NormSpec.of(base + "embeddings.norm", kind, d, epsilon)), base + "layers.", blocks,
                NormSpec.of(base + "final_norm", kind, d, epsilon), context,
                config.positive(INIT_FIELD, INIT_STD));
    }

    @Override
    public EncoderSpec.Masked masked(ConfigFields config) throws IOException {
        int d = config.count("hidden_size");
        var kind = config.flag("norm_bias", false) ? NormSpec.Kind.LAYER : NormSpec.Kind.LAYER_WITHOUT_BIAS;
        if (!config.flag("decoder_bias", true)) {
            throw config.wrong("decoder_bias", "true", false);
        }
        return new EncoderSpec.Masked(new LinearSpec("head.dense", d, d, config.flag("classifier_bias", false)),
                Activations.of(config, "classifier_activation", "gelu"),
                NormSpec.of("head.norm", kind, d, config.positive("norm_eps", 1e-5)), "decoder.weight",
                config.flag("tie_word_embeddings", true), "decoder.bias");
    }

    private static AttentionSpec attention(ConfigFields config, int d) throws IOException {
        int heads = config.count("num_attention_heads");
        boolean bias = config.flag("attention_bias", false);
        if (d % heads != 0 || d / heads % 2 != 0) {
            throw config.wrong("num_attention_heads", "a divisor of %d into even parts".formatted(d), heads);
        }
        return new AttentionSpec(new Heads(heads, heads, d / heads),
                new Maps.Fused(new LinearSpec("attn.Wqkv", 3L * d, d, bias), Projection.Order.KINDS),
                new LinearSpec("attn.Wo", d, d, bias));
    }

    private static MlpSpec mlp(ConfigFields config, int d) throws IOException {
        int inner = config.count("intermediate_size");
        boolean bias = config.flag("mlp_bias", false);
        return new MlpSpec(new MlpSpec.Entry.Fused(new LinearSpec("mlp.Wi", 2L * inner, d, bias)),
                new LinearSpec("mlp.Wo", d, inner, bias), Activations.of(config, "hidden_activation", "gelu"));
    }

    /// `rope_parameters` has an object for each type of layers; older files have a base for each.
    private static Rope rope(ConfigFields config, int d, String type, double otherwise) throws IOException {
        var field = type.equals("full_attention") ? "global_rope_theta" : "local_rope_theta";
        if (config.names().contains(field) && config.value(field).isEmpty()) {
            throw config.wrong(field, "a number above 0", null);
        }
        var now = config.object("rope_parameters");
        var own = now.isPresent() ? now.get().object(type) : Optional.<ConfigFields>empty();
        return RopeFields.whole(config, d / config.count("num_attention_heads"), config.count("max_position_embeddings",
                1 << 13)).from(own, config.positive(field, otherwise));
    }
}
