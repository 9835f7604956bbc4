package dev.sglp.family.decoder.gemma;

import dev.sglp.family.config.Activations;
import dev.sglp.family.config.ConfigFields;
import dev.sglp.family.config.Windows;
import dev.sglp.family.decoder.Common;
import dev.sglp.family.decoder.DecoderFamily;
import dev.sglp.family.transformer.NetworkSpec;
import dev.sglp.model.transformer.position.Rope;
import java.io.IOException;

/// Gemma 3, text: norms of queries and keys; layers that see a window turn by another base than those that see all.
public final class Gemma3 implements DecoderFamily {
    private static final double GLOBAL = 1_000_000;
    private static final double LOCAL = 10_000;
    private static final int PATTERN = 6;

    @Override
    public String name() {
        return "gemma3_text";
    }

    @Override
    public String title() {
        return "Gemma3";
    }

    @Override
    public String source() {
        return "Gemma Team 2025, arXiv 2503.19786";
    }

    @Override
    public boolean tiedByDefault() {
        return true;
    }

    @Override
    public NetworkSpec spec(ConfigFields config) throws IOException {
        var c = GemmaCommon.of(config, Common.Defaults.of(1 << 17).keyValueHeads(4));
        config.harmless("cache_implementation", "_sliding_window_pattern", "attn_logit_softcapping"); // read by nobody
        var attention = GemmaCommon.attention(c).normedBy(c.headNorms());
        var far = attention.turnedBy(rope(c, "full_attention", "rope_theta", GLOBAL)).seeing(Windows.ALL);
        int window = config.countOrNull("sliding_window", Windows.DEFAULT);
        var near = attention.turnedBy(rope(c, "sliding_attention", "rope_local_base_freq", LOCAL)).seeing(window);
        var mlp = c.gated(false, Activations.of(config, "hidden_activation", "gelu_pytorch_tanh"));
        int pattern = config.count("sliding_window_pattern", PATTERN);
        var layers = Windows.types(config, c.layers(), i -> (i + 1) % pattern != 0).stream()
                .map(slides -> GemmaCommon.block(c, slides ? near : far, mlp)).toList();
        return GemmaCommon.scaled(c.network(layers)).logits(1, config.positiveOrNull("final_logit_softcapping", 0));
    }

    /// `rope_parameters` has an object for each type of layers; older files have a base for each, and `rope_scaling` for those that see
    /// all.
    private static Rope rope(Common c, String type, String base, double otherwise) throws IOException {
        var config = c.config();
        var old = config.object("rope_scaling").filter(f -> type.equals("full_attention") && !f.names().isEmpty());
        if (old.isPresent() && !old.get().names().contains("rope_type")) {
            throw old.get().wrong("rope_type", "a type by this name: transformers reads no other here", null);
        }
        double outer = config.positive(base, otherwise);
        return old.isPresent() ? c.turning().from(old, outer) : c.turning().ofType(type, outer);
    }
}
