package dev.sglp.family.decoder.gpt;

import dev.sglp.family.config.Activations;
import dev.sglp.family.config.ConfigFields;
import dev.sglp.family.config.RopeFields;
import dev.sglp.family.decoder.Common;
import dev.sglp.family.decoder.DecoderFamily;
import dev.sglp.family.decoder.DecoderNames;
import dev.sglp.family.transformer.AttentionSpec;
import dev.sglp.family.transformer.AttentionSpec.Heads;
import dev.sglp.family.transformer.AttentionSpec.Maps;
import dev.sglp.family.transformer.BlockSpec;
import dev.sglp.family.transformer.BlockSpec.SublayerSpec;
import dev.sglp.family.transformer.LinearSpec;
import dev.sglp.family.transformer.MlpSpec;
import dev.sglp.family.transformer.NetworkSpec;
import dev.sglp.family.transformer.NormSpec;
import dev.sglp.model.transformer.mixer.Projection.Order;
import dev.sglp.model.transformer.position.Mask.Alibi;
import dev.sglp.model.transformer.position.Mask.Sight;
import java.io.IOException;
import java.util.Set;
import java.util.Collections;

/// Falcon in its three designs: one key head (7B), groups of heads (40B, 11B), linear biases instead of rotation (RW).
public final class Falcon implements DecoderFamily {
    private static final int CONTEXT = 2048;
    private static final int WIDENING = 4;
    private static final String GROUPED = "new_decoder_architecture";
    private static final String PARALLEL = "parallel_attn";
    private static final String NORMS = "num_ln_in_parallel_attn";
    private static final String KEYS = "num_kv_heads";

    @Override
    public String name() {
        return "falcon";
    }

    @Override
    public String title() {
        return "Falcon";
    }

    @Override
    public String source() {
        return "Almazrouei et al. 2023, arXiv 2311.16867";
    }

    @Override
    public Set<String> ownCode() {
        return Set.of("modeling_falcon.FalconForCausalLM");
    }

    @Override
    public DecoderNames names() {
        return new DecoderNames("transformer.", "word_embeddings.weight", "ln_f.weight",
                "h.0.self_attention.dense.weight", "lm_head.weight");
    }

    @Override
    public boolean tiedByDefault() {
        return true;
    }

    @Override
    public NetworkSpec spec(ConfigFields config) throws IOException {
        int width = config.count("hidden_size");
        config.mustBe("n_embed", width, "as hidden_size");
        boolean bias = config.flag("bias", false);
        int context = config.count("max_position_embeddings", CONTEXT);
        var heads = heads(config, width);
        var attention = seeing(config, context, new AttentionSpec(heads,
                new Maps.Fused(new LinearSpec("self_attention.query_key_value", heads.queries() + 2 * heads.keys(),
                        width, bias), Order.GROUPS),
                new LinearSpec("self_attention.dense", width, width, bias)));
        int inner = config.count("ffn_hidden_size", WIDENING * width);
        var mlp = new MlpSpec(new MlpSpec.Entry.Plain(new LinearSpec("mlp.dense_h_to_4h", inner, width, bias)),
                new LinearSpec("mlp.dense_4h_to_h", width, inner, bias), Activations.of(config, "activation", "gelu"));
        var norm = NormSpec.of("", NormSpec.Kind.LAYER, width, config.positive("layer_norm_epsilon", 1e-5));
        int vocabulary = config.count("vocab_size");
        return new NetworkSpec(new NetworkSpec.Stem("transformer.word_embeddings.weight", vocabulary, width),
                "transformer.h.", Collections.nCopies(config.layers(layerCount()), block(config, norm, attention, mlp)),
                new NetworkSpec.Head(norm.named("transformer.ln_f"),
                        new LinearSpec("lm_head", vocabulary, width, false), config.flag("tie_word_embeddings", true)),
                context, Common.initStd(config));
    }

    private static Heads heads(ConfigFields config, int width) throws IOException {
        var all = Common.heads(config, "num_attention_heads", width);
        int keys = config.count(KEYS, all.query());
        boolean one = config.flag("multi_query", true);
        if (config.flag(GROUPED, false)) {
            if (all.query() % keys != 0) {
                throw config.wrong(KEYS, "a divisor of the %d heads".formatted(all.query()), keys);
            }
            return new Heads(all.query(), keys, all.size());
        }
        if (!one && keys != all.query()) {
            throw config.wrong(KEYS, "%d, one for each head".formatted(all.query()), keys);
        }
        return one ? new Heads(all.query(), 1, all.size()) : all;
    }

    private static AttentionSpec seeing(ConfigFields config, int context, AttentionSpec attention) throws IOException {
        var heads = attention.heads();
        if (!config.flag("alibi", false)) {
            return attention.turnedBy(RopeFields.of(config, heads.size(), context));
        }
        config.harmless("rope_theta", "rope_scaling", "rope_parameters");
        return attention.seeing(new Sight(0, true, new Alibi(heads.query(), 1 / Math.sqrt(heads.size()))));
    }

    private static BlockSpec block(ConfigFields config, NormSpec norm, AttentionSpec attention, MlpSpec mlp)
            throws IOException {
        boolean grouped = config.flag(GROUPED, false);
        int norms = config.count(NORMS, grouped ? 2 : 1);
        if (!config.flag(PARALLEL, true)) {
            if (grouped) {
                throw config.wrong(PARALLEL, "true beside " + GROUPED, false);
            }
            return BlockSpec.of(new SublayerSpec(norm.named("input_layernorm"), attention),
                    new SublayerSpec(norm.named("post_attention_layernorm"), mlp));
        }
        if (norms > (grouped ? 2 : 1)) {
            throw config.wrong(NORMS, grouped ? "1 or 2" : "1 without " + GROUPED, norms);
        }
        return BlockSpec.sideBySide(new SublayerSpec(norm.named(norms == 2 ? "ln_attn" : "input_layernorm"), attention),
                new SublayerSpec(norm.named(norms == 2 ? "ln_mlp" : "input_layernorm"), mlp));
    }
}
