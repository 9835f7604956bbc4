package dev.sglp.family.decoder.gpt;

import dev.sglp.family.config.Activations;
import dev.sglp.family.config.ConfigFields;
import dev.sglp.family.decoder.DecoderFamily;
import dev.sglp.family.decoder.DecoderNames;
import dev.sglp.family.transformer.BlockSpec;
import dev.sglp.family.transformer.NetworkSpec;
import dev.sglp.model.transformer.mixer.Projection.Order;
import java.io.IOException;
import java.util.List;

/// GPT-2: learned positions, matrices stored as `[in, out]`.
public final class Gpt2 implements DecoderFamily {
    private static final int POSITIONS = 1024;
    private static final GptCommon.Fields FIELDS = new GptCommon.Fields("n_embd", "n_layer", "n_head", "n_inner",
            "n_positions", INIT_FIELD);

    @Override
    public String name() {
        return "gpt2";
    }

    @Override
    public String title() {
        return "GPT2";
    }

    @Override
    public String transformersClass() {
        return "GPT2LMHeadModel";
    }

    @Override
    public String source() {
        return "Radford et al. 2019, Language Models are Unsupervised Multitask Learners";
    }

    @Override
    public String layerCount() {
        return "n_layer";
    }

    @Override
    public DecoderNames names() {
        return new DecoderNames("transformer.", "wte.weight", "ln_f.weight", "h.0.ln_1.weight", "lm_head.weight");
    }

    @Override
    public boolean tiedByDefault() {
        return true;
    }

    /// Masks.
    @Override
    public List<String> redundantEndings() {
        return List.of(".attn.bias", ".attn.masked_bias");
    }

    @Override
    public NetworkSpec spec(ConfigFields config) throws IOException {
        config.mustBeFalse("scale_attn_by_inverse_layer_idx",
                "each layer's scores are divided by its number, and a removal would change the numbers");
        config.mustBeFalse("add_cross_attention", "it reads one text alone");
        config.harmless("reorder_and_upcast_attn"); // the order of the same products
        var c = GptCommon.of(config, FIELDS, POSITIONS, config.positive("layer_norm_epsilon", 1e-5));
        var stream = c.stream().asTransposed();
        var attention = stream.fused(c.heads(), List.of("attn.c_attn", "attn.c_proj"), Order.KINDS, true);
        var scaled = config.flag("scale_attn_weights", true) ? attention : attention.scaledBy(1);
        var mlp = stream.plain(List.of("mlp.c_fc", "mlp.c_proj"), c.intermediate(), true,
                Activations.of(config, "activation_function", "gelu_new"));
        return GptCommon.network(c, names(), c.norm("transformer.ln_f"),
                BlockSpec.of(stream.normed("ln_1", scaled), stream.normed("ln_2", mlp)))
                .placed("transformer.wpe.weight", 0);
    }
}
