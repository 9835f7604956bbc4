package dev.sglp.family.decoder.gemma;

import dev.sglp.family.config.Activations;
import dev.sglp.family.config.ConfigFields;
import dev.sglp.family.decoder.Common;
import dev.sglp.family.decoder.DecoderFamily;
import dev.sglp.family.transformer.NetworkSpec;
import dev.sglp.model.transformer.mixer.Activation;
import java.io.IOException;
import java.util.Collections;

/// Gemma, the first: embeddings multiplied by the root of the width, norms whose weight is the difference from 1. Its files say
/// `gelu` and mean the tangent's.
public final class Gemma implements DecoderFamily {
    @Override
    public String name() {
        return "gemma";
    }

    @Override
    public String title() {
        return "Gemma";
    }

    @Override
    public String source() {
        return "Gemma Team 2024, arXiv 2403.08295";
    }

    @Override
    public boolean tiedByDefault() {
        return true;
    }

    @Override
    public NetworkSpec spec(ConfigFields config) throws IOException {
        var c = GemmaCommon.of(config, Common.Defaults.of(1 << 13).keyValueHeads(16));
        config.harmless("hidden_activation"); // transformers 5 does not read it in this family
        var said = Activations.of(config, "hidden_act", "gelu_pytorch_tanh");
        var activation = said == Activation.GELU ? Activation.GELU_TANH : said;
        boolean bias = config.flag("attention_bias", false);
        var block = c.block(c.attention(bias, bias).turnedBy(c.rope()), c.gated(false, activation));
        return GemmaCommon.scaled(c.network(Collections.nCopies(c.layers(), block)));
    }
}
