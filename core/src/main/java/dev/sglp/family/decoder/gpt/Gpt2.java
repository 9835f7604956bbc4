package dev.sglp.family.decoder.gpt;

import dev.sglp.family.config.Activations;
import dev.sglp.family.config.ConfigFields;
import dev.sglp.family.decoder.DecoderFamily;
import dev.sglp.family.decoder.DecoderNames;
import dev.sglp.family.transformer.AttentionSpec;
import dev.sglp.family.transformer.AttentionSpec.Maps;
import dev.sglp.family.transformer.BlockSpec;
import dev.sglp.family.transformer.BlockSpec.SublayerSpec;
import dev.sglp.family.transformer.LinearSpec;
import dev.sglp.family.transformer.MlpSpec;
import dev.sglp.family.transformer.NetworkSpec;
import dev.sglp.family.transformer.NetworkSpec.Positions;
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
        int width = c.hidden();
        var attention = new AttentionSpec(c.heads(), new Maps.Fused(map("attn.c_attn", 3 * width, width), Order.KINDS),
                map("attn.c_proj", width, width));
        var scaled = config.flag("scale_attn_weights", true) ? attention : attention.scaledBy(1);
        var mlp = MlpSpec.plain(map("mlp.c_fc", c.intermediate(), width), map("mlp.c_proj", width, c.intermediate()),
                Activations.of(config, "activation_function", "gelu_new"));
        var network = GptCommon.network(c, names(), c.norm("transformer.ln_f"),
                BlockSpec.of(new SublayerSpec(c.norm("ln_1"), scaled), new SublayerSpec(c.norm("ln_2"), mlp)));
        return network.with(network.stem().with(new Positions("transformer.wpe.weight", c.context(), 0)));
    }

    private static LinearSpec map(String name, int out, int in) {
        return new LinearSpec(name, out, in, true).asTransposed();
    }
}
