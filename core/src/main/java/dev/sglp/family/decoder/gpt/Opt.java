package dev.sglp.family.decoder.gpt;

import dev.sglp.family.config.Activations;
import dev.sglp.family.config.ConfigFields;
import dev.sglp.family.decoder.Common;
import dev.sglp.family.decoder.DecoderFamily;
import dev.sglp.family.decoder.DecoderNames;
import dev.sglp.family.transformer.AttentionSpec;
import dev.sglp.family.transformer.AttentionSpec.Maps;
import dev.sglp.family.transformer.BlockSpec;
import dev.sglp.family.transformer.BlockSpec.SublayerSpec;
import dev.sglp.family.transformer.LinearSpec;
import dev.sglp.family.transformer.MlpSpec;
import dev.sglp.family.transformer.NetworkSpec;
import dev.sglp.family.transformer.NormSpec;
import java.io.IOException;
import java.util.Collections;

/// OPT and Galactica: learned positions whose first two rows belong to none.
public final class Opt implements DecoderFamily {
    private static final int POSITIONS = 2048;
    private static final int FIRST = 2;
    private static final double EPSILON = 1e-5;
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
        return "init_std";
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
        int width = config.count("hidden_size");
        config.mustBeTrue("do_layer_norm_before", "its norms stand before what they are for");
        config.mustBe("word_embed_proj_dim", width, "as wide as the stream");
        config.mustBeTrue("learned_embeddings", "its positions are learned");
        config.mustBeFalse("scale_embeddings", "embeddings are added as they are");
        config.harmless("layerdrop"); // in training alone
        boolean bias = config.flag("enable_bias", true);
        var map = new LinearSpec("", width, width, bias);
        var attention = new AttentionSpec(Common.heads(config, "num_attention_heads", width),
                new Maps.Apart(map.named("self_attn.q_proj"), map.named("self_attn.k_proj"),
                        map.named("self_attn.v_proj")),
                map.named("self_attn.out_proj"));
        int inner = config.count("ffn_dim");
        var mlp = new MlpSpec(new MlpSpec.Entry.Plain(new LinearSpec("fc1", inner, width, bias)),
                new LinearSpec("fc2", width, inner, bias), Activations.of(config, "activation_function", "relu"));
        var norm = NormSpec.of("", config.flag("layer_norm_elementwise_affine", true)
                ? NormSpec.Kind.LAYER
                : NormSpec.Kind.LAYER_WITHOUT_TENSORS, width, EPSILON);
        var block = BlockSpec.of(new SublayerSpec(norm.named("self_attn_layer_norm"), attention),
                new SublayerSpec(norm.named("final_layer_norm"), mlp));
        int vocabulary = config.count("vocab_size");
        int positions = config.count("max_position_embeddings", POSITIONS);
        var stem = new NetworkSpec.Stem(BASE + "embed_tokens.weight", vocabulary, width)
                .with(new NetworkSpec.Positions(BASE + "embed_positions.weight", positions + FIRST, FIRST));
        return new NetworkSpec(stem, BASE + "layers.", Collections.nCopies(config.layers(layerCount()), block),
                new NetworkSpec.Head(
                        config.flag("_remove_final_layer_norm", false)
                                ? NormSpec.NONE
                                : norm.named(BASE + "final_layer_norm"),
                        new LinearSpec("lm_head", vocabulary, width, false), config.flag("tie_word_embeddings", true)),
                positions, config.positive(initField(), INIT_STD));
    }
}
