package dev.sglp.family.decoder.llama;

import dev.sglp.family.config.ConfigFields;
import dev.sglp.family.decoder.Common;
import dev.sglp.family.decoder.DecoderFamily;
import dev.sglp.family.transformer.BlockSpec;
import dev.sglp.family.transformer.BlockSpec.SublayerSpec;
import dev.sglp.family.transformer.NetworkSpec;
import dev.sglp.family.transformer.NormSpec;
import java.io.IOException;
import java.util.Collections;

/// Granite 3: Llama's block; embeddings, scores, what is added to the stream and logits are multiplied by numbers of the configuration.
public final class Granite implements DecoderFamily {
    @Override
    public String name() {
        return "granite";
    }

    @Override
    public String title() {
        return "Granite";
    }

    @Override
    public String source() {
        return "Shen et al. 2024, arXiv 2408.13359";
    }

    @Override
    public NetworkSpec spec(ConfigFields config) throws IOException {
        var c = Common.of(config, Common.Defaults.of(1 << 11));
        boolean bias = config.flag("attention_bias", false);
        var attention = c.attention(bias, bias).turnedBy(c.rope())
                .scaledBy(config.positive("attention_multiplier", 1));
        var mlp = c.gated(config.flag("mlp_bias", false), c.activation());
        double added = config.positive("residual_multiplier", 1);
        var block = BlockSpec.of(
                new SublayerSpec(c.norm("input_layernorm"), attention, NormSpec.NONE, added, NormSpec.NONE),
                new SublayerSpec(c.norm("post_attention_layernorm"), mlp, NormSpec.NONE, added, NormSpec.NONE));
        var network = c.network(Collections.nCopies(c.layers(), block))
                .logits(1 / config.positive("logits_scaling", 1), 0);
        return network.with(network.stem().times(config.positive("embedding_multiplier", 1)));
    }
}
