package dev.sglp.family.decoder;

import dev.sglp.family.config.ConfigFields;
import dev.sglp.family.config.Windows;
import java.io.IOException;

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
    public DecoderSpec spec(ConfigFields config) throws IOException {
        var size = DecoderSpec.Size.of(config, DecoderSpec.Defaults.LLAMA);
        boolean attention = config.flag("attention_bias", false);
        return DecoderSpec.of(config, size, Windows.every(size.layers(), Windows.ALL))
                .with(new DecoderSpec.Biases(attention, attention, config.flag("mlp_bias", false)));
    }
}
