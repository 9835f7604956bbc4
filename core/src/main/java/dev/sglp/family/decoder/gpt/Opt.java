package dev.sglp.family.decoder.gpt;

import dev.sglp.family.config.Activations;
import dev.sglp.family.config.ConfigFields;
import dev.sglp.family.decoder.DecoderFamily;
import dev.sglp.family.decoder.DecoderNames;
import dev.sglp.family.transformer.BlockSpec;
import dev.sglp.family.transformer.NetworkSpec;
import dev.sglp.family.transformer.NormSpec;
import java.io.IOException;

/// OPT and Galactica: learned positions whose first two rows belong to none.
public final class Opt implements DecoderFamily {
    private static final int POSITIONS = 2048;
    private static final int FIRST = 2;
    private static final double EPSILON = 1e-5;
    private static final GptCommon.Fields FIELDS = new GptCommon.Fields("hidden_size", "num_hidden_layers",
            "num_attention_heads", "ffn_dim", "max_position_embeddings", "init_std");
    private static final String BASE = "model.decoder.";

    @Override
    public String name() {
        return "opt";
    }

    @Override
    public String title() {
        return "OPT";
    }

    @Override
    public String source() {
        return "Zhang et al. 2022, arXiv 2205.01068";
    }

    @Override
    public String initField() {
        return FIELDS.init();
    }

    @Override
    public DecoderNames names() {
        return new DecoderNames(BASE, "embed_tokens.weight", "embed_positions.weight", "layers.0.fc1.weight",
                "lm_head.weight");
    }

    @Override
    public boolean tiedByDefault() {
        return true;
    }

    @Override
    public NetworkSpec spec(ConfigFields config) throws IOException {
        config.mustBeTrue("do_layer_norm_before", "its norms stand before what they are for");
        config.mustBeTrue("learned_embeddings", "its positions are learned");
        config.mustBeFalse("scale_embeddings", "embeddings are added as they are");
        config.harmless("layerdrop"); // in training alone
        var c = GptCommon.of(config, FIELDS, POSITIONS, EPSILON);
        config.mustBe("word_embed_proj_dim", c.hidden(), "as wide as the stream");
        boolean bias = config.flag("enable_bias", true);
        var attention = c.attention("self_attn.out_proj", bias, bias);
        var mlp = c.plain("fc1", "fc2", bias, Activations.of(config, "activation_function", "relu"));
        var stream = c.stream().norms(config.flag("layer_norm_elementwise_affine", true)
                ? NormSpec.Kind.LAYER
                : NormSpec.Kind.LAYER_WITHOUT_TENSORS);
        var last = config.flag("_remove_final_layer_norm", false)
                ? NormSpec.NONE
                : stream.norm(BASE + "final_layer_norm");
        return GptCommon.network(c, names(), last,
                BlockSpec.of(stream.normed("self_attn_layer_norm", attention), stream.normed("final_layer_norm", mlp)))
                .placed(BASE + "embed_positions.weight", FIRST);
    }
}
