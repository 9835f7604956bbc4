package dev.sglp.family.decoder.cohere;

import dev.sglp.family.config.ConfigFields;
import dev.sglp.family.config.Windows;
import dev.sglp.family.decoder.DecoderFamily;
import dev.sglp.family.transformer.NetworkSpec;
import java.io.IOException;
import java.util.List;

/// Command R7B and Command A: positions turn queries and keys in the layers that see a window, and nothing in those that see all.
public final class Cohere2 implements DecoderFamily {
    private static final int PATTERN = 4;

    @Override
    public String name() {
        return "cohere2";
    }

    @Override
    public String title() {
        return "Cohere2";
    }

    @Override
    public String source() {
        return "Cohere Team 2025, arXiv 2504.00698";
    }

    @Override
    public boolean tiedByDefault() {
        return true;
    }

    @Override
    public NetworkSpec spec(ConfigFields config) throws IOException {
        var c = CohereCommon.of(config);
        config.harmless("cache_implementation", "_sliding_window_pattern", "layer_switch"); // read by nobody
        config.oneOf("order_of_interleaved_layers", List.of("local_attn_first"));
        config.oneOf("position_embedding_type", List.of("rope_gptj"));
        config.mustBe("rotary_pct", 1, "all numbers of a head are turned");
        config.mustBe("use_embedding_sharing", c.tied(), "as tie_word_embeddings says");
        config.mustBe("use_gated_activation", true, "the perceptron has a gate");
        config.mustBe("use_parallel_block", true, "attention and perceptron stand side by side");
        var far = CohereCommon.block(c, CohereCommon.attention(c));
        var turned = CohereCommon.attention(c).turnedBy(CohereCommon.turning(c).rope());
        int window = config.countOrNull("sliding_window", Windows.DEFAULT);
        var near = CohereCommon.block(c, turned.seeing(window));
        int pattern = config.count("sliding_window_pattern", PATTERN);
        var windows = Windows.byTypes(config, c.layers(), window, i -> (i + 1) % pattern != 0);
        var blocks = windows.stream().map(w -> w == Windows.ALL ? far : near).toList();
        return CohereCommon.network(c, blocks);
    }
}
