package dev.sglp.family.decoder.llama;

import dev.sglp.family.decoder.Common;
import dev.sglp.family.decoder.DecoderFamily;

import dev.sglp.family.config.ConfigFields;
import dev.sglp.family.config.Windows;
import dev.sglp.family.transformer.NetworkSpec;
import java.io.IOException;

/// Qwen2 and Qwen2.5: queries, keys and values have biases; later layers may see a sliding window.
public final class Qwen2 implements DecoderFamily {
    @Override
    public String name() {
        return "qwen2";
    }

    @Override
    public String title() {
        return "Qwen2";
    }

    @Override
    public String source() {
        return "Yang et al. 2024, arXiv 2407.10671";
    }

    @Override
    public NetworkSpec spec(ConfigFields config) throws IOException {
        var c = Common.of(config, Common.Defaults.of(1 << 15).keyValueHeads(32));
        var attention = c.attention(true, false).turnedBy(c.rope());
        var mlp = c.gated(false, c.activation());
        return c.network(Windows.perLayer(config, c.layers()).stream()
                .map(window -> c.block(attention.seeing(window), mlp)).toList());
    }
}
