package dev.sglp.family.decoder.olmo;

import dev.sglp.family.config.ConfigFields;
import dev.sglp.family.decoder.Common;
import dev.sglp.family.decoder.DecoderFamily;
import dev.sglp.family.decoder.DecoderNames;
import dev.sglp.family.transformer.AttentionSpec.Norms;
import dev.sglp.family.transformer.BlockSpec;
import dev.sglp.family.transformer.BlockSpec.SublayerSpec;
import dev.sglp.family.transformer.MixerSpec;
import dev.sglp.family.transformer.NetworkSpec;
import dev.sglp.family.transformer.NormSpec;
import java.io.IOException;
import java.util.Collections;

/// OLMo 2: norms behind attention and perceptron instead of before them, and of all queries together, of all keys together.
public final class Olmo2 implements DecoderFamily {
    @Override
    public String name() {
        return "olmo2";
    }

    @Override
    public String title() {
        return "Olmo2";
    }

    @Override
    public String source() {
        return "OLMo Team 2025, arXiv 2501.00656";
    }

    @Override
    public DecoderNames names() {
        return DecoderNames.LLAMA.layer("layers.0.post_feedforward_layernorm.weight");
    }

    @Override
    public NetworkSpec spec(ConfigFields config) throws IOException {
        var c = Common.of(config, Common.Defaults.of(1 << 11), NormSpec.Kind.RMS,
                config.positive("rms_norm_eps", 1e-5));
        boolean bias = config.flag("attention_bias", false);
        var norms = new Norms(c.stream().norm("self_attn.q_norm", c.heads().queries()),
                c.stream().norm("self_attn.k_norm", c.heads().keys()), false);
        var attention = c.attention(bias, bias).turnedBy(c.rope()).normedBy(norms);
        var block = BlockSpec.of(behind(attention, c.norm("post_attention_layernorm")),
                behind(c.gated(false, c.activation()), c.norm("post_feedforward_layernorm")));
        return c.network(Collections.nCopies(c.layers(), block));
    }

    private static SublayerSpec behind(MixerSpec mixer, NormSpec norm) {
        return new SublayerSpec(NormSpec.NONE, mixer).inside(norm);
    }
}
