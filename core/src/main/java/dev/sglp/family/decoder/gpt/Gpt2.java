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
import dev.sglp.model.transformer.mixer.Projection.Order;
import java.io.IOException;
import java.util.Collections;
import java.util.List;

/// GPT-2: learned positions, matrices stored as `[in, out]`.
public final class Gpt2 implements DecoderFamily {
    private static final int POSITIONS = 1024;
    private static final int WIDENING = 4;

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
        int width = config.count("n_embd");
        int inner = config.count("n_inner", WIDENING * width);
        double epsilon = config.positive("layer_norm_epsilon", 1e-5);
        var attention = new AttentionSpec(Common.heads(config, "n_head", width),
                new Maps.Fused(map("attn.c_attn", 3 * width, width), Order.KINDS), map("attn.c_proj", width, width));
        var mlp = new MlpSpec(new MlpSpec.Entry.Plain(map("mlp.c_fc", inner, width)), map("mlp.c_proj", width, inner),
                Activations.of(config, "activation_function", "gelu_new"));
        var norm = NormSpec.of("", NormSpec.Kind.LAYER, width, epsilon);
        var block = BlockSpec.of(
                new SublayerSpec(norm.named("ln_1"),
                        config.flag("scale_attn_weights", true) ? attention : attention.scaledBy(1)),
                new SublayerSpec(norm.named("ln_2"), mlp));
        int vocabulary = config.count("vocab_size");
        int positions = config.count("n_positions", POSITIONS);
        var stem = new NetworkSpec.Stem("transformer.wte.weight", vocabulary, width)
                .with(new NetworkSpec.Positions("transformer.wpe.weight", positions, 0));
        return new NetworkSpec(stem, "transformer.h.", Collections.nCopies(config.layers(layerCount()), block),
                new NetworkSpec.Head(norm.named("transformer.ln_f"),
                        new LinearSpec("lm_head", vocabulary, width, false),
                        config.flag("tie_word_embeddings", true)),
                positions, Common.initStd(config));
    }

    private static LinearSpec map(String name, int out, int in) {
        return new LinearSpec(name, out, in, true).asTransposed();
    }
}
