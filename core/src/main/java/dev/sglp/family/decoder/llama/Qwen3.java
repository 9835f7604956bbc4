package dev.sglp.family.decoder.llama;

import dev.sglp.family.decoder.Common;
import dev.sglp.family.decoder.DecoderFamily;

import dev.sglp.family.config.ConfigFields;
import dev.sglp.family.config.Windows;
import dev.sglp.family.transformer.NetworkSpec;
import java.io.IOException;

/// Qwen3, dense: queries and keys are normalised head by head, and a head's size does not follow from the width.
public final class Qwen3 implements DecoderFamily {
    @Override
    public String name() {
        return "qwen3";
    }

    @Override
    public String title() {
        return "Qwen3";
    }

    @Override
    public String source() {
        return "Yang et al. 2025, arXiv 2505.09388";
    }

    @Override
    public NetworkSpec spec(ConfigFields config) throws IOException {
        var c = Common.of(config, Common.Defaults.of(1 << 15).keyValueHeads(32).headSize(128));
        boolean bias = config.flag("attention_bias", false);
        var attention = c.attention(bias, bias).turnedBy(c.rope()).normedBy(c.headNorms());
        var mlp = c.gated(false, c.activation());
        return c.network(Windows.perLayer(config, c.layers()).stream()
                .map(window -> c.block(attention.seeing(window), mlp)).toList());
    }
}
