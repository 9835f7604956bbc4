package dev.sglp.family.decoder.gpt;

import dev.sglp.family.config.Activations;
import dev.sglp.family.config.ConfigFields;
import dev.sglp.family.decoder.Common;
import dev.sglp.family.decoder.DecoderFamily;
import dev.sglp.family.decoder.DecoderNames;
import dev.sglp.family.transformer.AttentionSpec;
import dev.sglp.family.transformer.AttentionSpec.Heads;
import dev.sglp.family.transformer.BlockSpec;
import dev.sglp.family.transformer.MlpSpec;
import dev.sglp.family.transformer.NetworkSpec;
import java.io.IOException;
import java.util.Set;

/// Falcon in its three designs: one key head (7B), groups of heads (40B, 11B), linear biases instead of rotation (RW).
public final class Falcon implements DecoderFamily {
    private static final int CONTEXT = 2048;
    private static final GptCommon.Fields FIELDS = new GptCommon.Fields("hidden_size", "num_hidden_layers",
            "num_attention_heads", "ffn_hidden_size", "max_position_embeddings", INIT_FIELD);
    private static final Set<String> OWN_CODE = Set.of("modeling_falcon.FalconModel",
            "modeling_falcon.FalconForCausalLM", "modeling_falcon.FalconForSequenceClassification",
            "modeling_falcon.FalconForTokenClassification", "modeling_falcon.FalconForQuestionAnswering");
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
        return OWN_CODE;
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
        var c = GptCommon.of(config, FIELDS, CONTEXT, config.positive("layer_norm_epsilon", 1e-5));
        config.mustBe("n_embed", c.hidden(), "as hidden_size");
        boolean bias = config.flag("bias", false);
        var attention = seeing(c, GptCommon.grouped(c, heads(config, c.heads()), "self_attention.", bias));
        var mlp = c.plain("mlp.dense_h_to_4h", "mlp.dense_4h_to_h", bias,
                Activations.of(config, "activation", "gelu"));
        return GptCommon.network(c, names(), c.norm("transformer.ln_f"), block(c, attention, mlp));
    }

    private static Heads heads(ConfigFields config, Heads all) throws IOException {
        int keys = config.count(KEYS, all.query());
        boolean grouped = config.flag(GROUPED, false);
        boolean one = !grouped && config.flag("multi_query", true);
        if (grouped ? all.query() % keys != 0 : !one && keys != all.query()) {
            throw config.wrong(KEYS, (grouped ? "a divisor of the %d heads" : "%d, one for each head")
                    .formatted(all.query()), keys);
        }
        return new Heads(all.query(), one ? 1 : keys, all.size());
    }

    private static AttentionSpec seeing(Common c, AttentionSpec attention) throws IOException {
        if (!c.config().flag("alibi", false)) {
            return attention.turnedBy(c.rope());
        }
        c.config().harmless("rope_theta", "rope_scaling", "rope_parameters");
        return attention.slanted();
    }

    private static BlockSpec block(Common c, AttentionSpec attention, MlpSpec mlp) throws IOException {
        boolean grouped = c.config().flag(GROUPED, false);
        boolean parallel = c.config().flag(PARALLEL, true);
        int norms = c.config().count(NORMS, grouped ? 2 : 1);
        if (grouped && !parallel) {
            throw c.config().wrong(PARALLEL, "true beside " + GROUPED, false);
        }
        if (parallel && norms > (grouped ? 2 : 1)) {
            throw c.config().wrong(NORMS, grouped ? "1 or 2" : "1 without " + GROUPED, norms);
        }
        if (parallel && norms == 2) {
            return BlockSpec.sideBySide(c.stream().normed("ln_attn", attention), c.stream().normed("ln_mlp", mlp));
        }
        return parallel ? c.sideBySide(attention, mlp) : c.block(attention, mlp);
    }
}
