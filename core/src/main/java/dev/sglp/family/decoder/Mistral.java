package dev.sglp.family.decoder;

import dev.sglp.family.config.ConfigFields;
import dev.sglp.family.config.Windows;
import java.io.IOException;

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
    public DecoderSpec spec(ConfigFields config) throws IOException {
        var size = DecoderSpec.Size.of(config, DecoderSpec.Defaults.MISTRAL);
        int window = config.countOrNull("sliding_window", Windows.DEFAULT);
        return DecoderSpec.of(config, size, Windows.every(size.layers(), window));
    }
}
