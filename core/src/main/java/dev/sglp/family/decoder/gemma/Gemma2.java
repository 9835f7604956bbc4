package dev.sglp.family.decoder.gemma;

import dev.sglp.family.config.Activations;
import dev.sglp.family.config.ConfigFields;
import dev.sglp.family.config.Windows;
import dev.sglp.family.decoder.Common;
import dev.sglp.family.decoder.DecoderFamily;
import dev.sglp.family.transformer.NetworkSpec;
import java.io.IOException;

/// Gemma 2: norms before and behind each mixer, bounded scores and logits, every other layer sees a window.
public final class Gemma2 implements DecoderFamily {
    private static final double SCORES = 50;
    private static final double LOGITS = 30;

    @Override
    public String name() {
        return "gemma2";
    }

    @Override
    public String title() {
        return "Gemma2";
    }

    @Override
    public String source() {
        return "Gemma Team 2024, arXiv 2408.00118";
    }

    @Override
    public boolean tiedByDefault() {
        return true;
    }

    @Override
    public NetworkSpec spec(ConfigFields config) throws IOException {
        var c = GemmaCommon.of(config, Common.Defaults.of(1 << 13).keyValueHeads(4));
        config.harmless("hidden_act", "cache_implementation", "sliding_window_size");
        var attention = GemmaCommon.attention(c).turnedBy(c.rope())
                .cappedAt(config.positiveOrNull("attn_logit_softcapping", SCORES));
        var mlp = c.gated(false, Activations.of(config, "hidden_activation", "gelu_pytorch_tanh"));
        int window = config.countOrNull("sliding_window", Windows.DEFAULT);
        var layers = Windows.byTypes(config, c.layers(), window, i -> i % 2 == 0).stream()
                .map(w -> GemmaCommon.block(c, attention.seeing(w), mlp)).toList();
        return GemmaCommon.scaled(c.network(layers)).logits(1,
                config.positiveOrNull("final_logit_softcapping", LOGITS));
    }
}
