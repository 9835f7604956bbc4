package dev.sglp.family.encoder;

import dev.sglp.family.config.Activations;
import dev.sglp.family.config.ConfigFields;
import dev.sglp.family.config.RopeFields;
import dev.sglp.family.config.Windows;
import dev.sglp.family.transformer.AttentionSpec.Heads;
import dev.sglp.family.transformer.BlockSpec;
import dev.sglp.family.transformer.BlockSpec.SublayerSpec;
import dev.sglp.family.transformer.NormSpec;
import dev.sglp.family.transformer.StreamSpec;
import dev.sglp.model.transformer.mixer.Projection.Order;
import dev.sglp.model.transformer.position.Mask.Sight;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Pattern;

/// ModernBERT: norms before the mixers, rotary positions, a gated perceptron; most layers see a window around each token alone.
public final class ModernBert implements EncoderFamily {
    private static final Pattern CARRIED = Pattern.compile("(head|decoder)\\..*");
    private static final String HEADS = "num_attention_heads";
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
        return Windows.said(spec.windows());
    }

    /// An older transformers, which knows no list, then fails instead of taking other layers for those that see all.
    @Override
    public Function<List<Integer>, Map<String, Object>> rewritten(EncoderSpec spec) {
        return _ -> Collections.singletonMap(EVERY, null);
    }

    @Override
    public EncoderSpec spec(ConfigFields config, String base) throws IOException {
        config.harmless("reference_compile", "repad_logits_with_grad", "classifier_pooling", "deterministic_flash_attn",
                "sparse_prediction", "sparse_pred_ignore_index", "norm_type", "layer_norm_eps",
                "position_embedding_type");
        var stream = stream(config);
        var heads = heads(config, stream);
        int context = config.count("max_position_embeddings", 1 << 13);
        int every = config.count(EVERY, USUAL_EVERY);
        var windows = Windows.byTypes(config, config.layers(layerCount()), config.count("local_attention", WINDOW),
                i -> i % every != 0);
        var attention = stream.fused(heads, List.of("attn.Wqkv", "attn.Wo"), Order.KINDS,
                config.flag("attention_bias", false));
        var turning = RopeFields.whole(config, heads.size(), context);
        var far = attention.turnedBy(turning.ofType("full_attention", config.notNull("global_rope_theta", GLOBAL)));
        var near = attention.turnedBy(turning.ofType("sliding_attention", config.notNull("local_rope_theta", LOCAL)));
        var mlp = stream.gated(List.of("mlp.Wi", "mlp.Wo"), config.count("intermediate_size"),
                config.flag("mlp_bias", false), Activations.of(config, "hidden_activation", "gelu"));
        var blocks = new ArrayList<BlockSpec>();
        for (int window : windows) {
            var own = (window == Windows.ALL ? far : near).seeing(Sight.around(window));
            var first = blocks.isEmpty() ? new SublayerSpec(NormSpec.NONE, own) : stream.normed("attn_norm", own);
            blocks.add(BlockSpec.of(first, stream.normed("mlp_norm", mlp)));
        }
        var table = new EncoderSpec.Table(base + table(), config.count("vocab_size"), stream.width());
        return new EncoderSpec(EncoderSpec.Stem.of(table, stream.norm(base + "embeddings.norm")), base + "layers.",
                blocks, stream.norm(base + "final_norm"), context, config.positive(INIT_FIELD, INIT_STD));
    }

    @Override
    public EncoderSpec.Masked masked(ConfigFields config) throws IOException {
        var stream = stream(config);
        config.mustBeTrue("decoder_bias", "its logits have one");
        return new EncoderSpec.Masked(
                stream.map("head.dense", stream.width(), stream.width(), config.flag("classifier_bias", false)),
                Activations.of(config, "classifier_activation", "gelu"), stream.norm("head.norm"), "decoder.weight",
                config.flag("tie_word_embeddings", true), "decoder.bias");
    }

    private static Heads heads(ConfigFields config, StreamSpec stream) throws IOException {
        var heads = stream.heads(config, HEADS, config.count(HEADS));
        if (heads.size() % 2 != 0) {
            throw config.wrong("hidden_size / " + HEADS, "an even number, whose halves are turned", heads.size());
        }
        return heads;
    }

    private static StreamSpec stream(ConfigFields config) throws IOException {
        return new StreamSpec(config.count("hidden_size"),
                config.flag("norm_bias", false) ? NormSpec.Kind.LAYER : NormSpec.Kind.LAYER_WITHOUT_BIAS,
                config.positive("norm_eps", 1e-5));
    }
}
