package dev.sglp.family.decoder;

import dev.sglp.family.config.ConfigFields;
import dev.sglp.family.config.Windows;
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
    public DecoderSpec spec(ConfigFields config) throws IOException {
        var size = DecoderSpec.Size.of(config, DecoderSpec.Defaults.QWEN2);
        return DecoderSpec.of(config, size, Windows.perLayer(config, size.layers()))
                .with(new DecoderSpec.Biases(true, false, false));
    }
}
