package dev.sglp.family.decoder.llama;

import dev.sglp.family.decoder.Common;
import dev.sglp.family.decoder.DecoderFamily;

import dev.sglp.family.config.ConfigFields;
import dev.sglp.family.transformer.NetworkSpec;
import java.io.IOException;
import java.util.Collections;

/// Llama 1 to 3.3 and the many networks with its blocks (SmolLM, TinyLlama, Yi): biases where the configuration says so.
public final class Llama implements DecoderFamily {
    @Override
    public String name() {
        return "llama";
    }

    @Override
    public String title() {
        return "Llama";
    }

    @Override
    public String source() {
        return "Touvron et al. 2023, arXiv 2307.09288; Grattafiori et al. 2024, arXiv 2407.21783";
    }

    @Override
    public NetworkSpec spec(ConfigFields config) throws IOException {
        var c = Common.of(config, Common.Defaults.of(1 << 11));
        boolean bias = config.flag("attention_bias", false);
        var block = c.block(c.attention(bias, bias).turnedBy(c.rope()),
                c.gated(config.flag("mlp_bias", false), c.activation()));
        return c.network(Collections.nCopies(c.layers(), block));
    }
}
