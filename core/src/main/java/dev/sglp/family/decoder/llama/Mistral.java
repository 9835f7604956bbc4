package dev.sglp.family.decoder.llama;

import dev.sglp.family.decoder.Common;
import dev.sglp.family.decoder.DecoderFamily;

import dev.sglp.family.config.ConfigFields;
import dev.sglp.family.config.Windows;
import dev.sglp.family.transformer.NetworkSpec;
import java.io.IOException;
import java.util.Collections;

/// Mistral: every layer sees the same sliding window, or everything where `sliding_window` is `null`.
public final class Mistral implements DecoderFamily {
    @Override
    public String name() {
        return "mistral";
    }

    @Override
    public String title() {
        return "Mistral";
    }

    @Override
    public String source() {
        return "Jiang et al. 2023, arXiv 2310.06825";
    }

    @Override
    public NetworkSpec spec(ConfigFields config) throws IOException {
        var c = Common.of(config, Common.Defaults.of(1 << 17).keyValueHeads(8));
        int window = config.countOrNull("sliding_window", Windows.DEFAULT);
        var block = c.block(c.attention(false, false).turnedBy(c.rope()).seeing(window),
                c.gated(false, c.activation()));
        return c.network(Collections.nCopies(c.layers(), block));
    }
}
