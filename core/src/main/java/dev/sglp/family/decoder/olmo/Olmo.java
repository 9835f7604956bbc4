package dev.sglp.family.decoder.olmo;

import dev.sglp.family.config.ConfigFields;
import dev.sglp.family.decoder.Common;
import dev.sglp.family.decoder.DecoderFamily;
import dev.sglp.family.decoder.DecoderNames;
import dev.sglp.family.transformer.NetworkSpec;
import dev.sglp.family.transformer.NormSpec;
import java.io.IOException;
import java.util.Collections;

/// OLMo 1: Llama's maps between norms that have no tensors; queries, keys and values may be bounded.
public final class Olmo implements DecoderFamily {
    private static final double EPSILON = 1e-5;
    private static final String FIRST = "layers.0.mlp.down_proj.weight";

    @Override
    public String name() {
        return "olmo";
    }

    @Override
    public String title() {
        return "Olmo";
    }

    @Override
    public String source() {
        return "Groeneveld et al. 2024, arXiv 2402.00838";
    }

    @Override
    public DecoderNames names() {
        return DecoderNames.LLAMA.norm(FIRST).layer(FIRST);
    }

    @Override
    public NetworkSpec spec(ConfigFields config) throws IOException {
        var c = Common.of(config, Common.Defaults.of(1 << 11), NormSpec.Kind.LAYER_WITHOUT_TENSORS, EPSILON);
        boolean bias = config.flag("attention_bias", false);
        var attention = c.attention(bias, bias).turnedBy(c.rope()).clippedAt(config.positiveOrNull("clip_qkv", 0));
        return c.network(Collections.nCopies(c.layers(), c.block(attention, c.gated(false, c.activation()))));
    }
}
