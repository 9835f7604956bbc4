package dev.sglp.family.decoder;

import dev.sglp.family.config.ConfigFields;
import dev.sglp.family.config.Windows;
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
    public DecoderSpec spec(ConfigFields config) throws IOException {
        var size = DecoderSpec.Size.of(config, DecoderSpec.Defaults.QWEN3);
        boolean bias = config.flag("attention_bias", false);
        return DecoderSpec.of(config, size, Windows.perLayer(config, size.layers())).withHeadNorms()
                .with(new DecoderSpec.Biases(bias, bias, false));
    }
}
