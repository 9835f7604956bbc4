package dev.sglp.family.decoder.llama;

import dev.sglp.family.config.ConfigFields;
import dev.sglp.family.decoder.Common;
import dev.sglp.family.decoder.DecoderFamily;
import dev.sglp.family.transformer.AttentionSpec.Norms;
import dev.sglp.family.transformer.NetworkSpec;
import dev.sglp.family.transformer.NormSpec;
import java.io.IOException;
import java.util.Collections;
import java.util.List;

/// StableLM: Llama's maps with norms that subtract the mean; a part of each head is turned; the largest has its sublayers side by side
/// and a norm for each head.
public final class StableLm implements DecoderFamily {
    private static final double TURNED = 0.25;

    @Override
    public String name() {
        return "stablelm";
    }

    @Override
    public String title() {
        return "StableLm";
    }

    @Override
    public String source() {
        return "Bellagente et al. 2024, arXiv 2402.17834";
    }

    @Override
    public NetworkSpec spec(ConfigFields config) throws IOException {
        var c = Common.of(config, Common.Defaults.of(1 << 12).keyValueHeads(32), NormSpec.Kind.LAYER,
                config.positive("layer_norm_eps", 1e-5));
        var plain = c.attention(config.flag("use_qkv_bias", false), false)
                .turnedBy(c.turning().share(TURNED).rope());
        var attention = config.flag("qk_layernorm", false)
                ? plain.normedBy(new Norms(each(c, "self_attn.q_layernorm", c.heads().query()),
                        each(c, "self_attn.k_layernorm", c.heads().key()), true))
                : plain;
        var mlp = c.gated(false, c.activation());
        var block = config.flag("use_parallel_residual", false)
                ? c.sideBySide(attention, mlp)
                : c.block(attention, mlp);
        return c.network(Collections.nCopies(c.layers(), block));
    }

    private static NormSpec each(Common c, String name, long heads) {
        return new NormSpec(name, NormSpec.Kind.LAYER_EACH_HEAD, List.of(heads, (long) c.heads().size()),
                c.stream().epsilon());
    }
}
