package dev.sglp.family.decoder.gemma;

import dev.sglp.family.config.ConfigFields;
import dev.sglp.family.decoder.Common;
import dev.sglp.family.transformer.AttentionSpec;
import dev.sglp.family.transformer.BlockSpec;
import dev.sglp.family.transformer.MlpSpec;
import dev.sglp.family.transformer.NetworkSpec;
import dev.sglp.family.transformer.NormSpec;
import java.io.IOException;

/// What the three generations share.
final class GemmaCommon {
    private static final int HEAD_SIZE = 256;

    private GemmaCommon() {}

    static Common of(ConfigFields config, Common.Defaults otherwise) throws IOException {
        config.mustBeFalse("use_bidirectional_attention", "a token sees those before it");
        return Common.of(config, otherwise.headSize(HEAD_SIZE).tiedByDefault(), NormSpec.Kind.RMS_PLUS_ONE,
                config.positive("rms_norm_eps", 1e-6));
    }

    /// Embeddings multiplied by the root of the width.
    static NetworkSpec scaled(NetworkSpec network) {
        return network.with(network.stem().times((float) Math.sqrt(network.stem().width())));
    }

    /// Gemma 2 and 3: norms before and behind each mixer.
    static BlockSpec block(Common c, AttentionSpec attention, MlpSpec mlp) {
        return BlockSpec.of(
                c.stream().normed("input_layernorm", attention).inside(c.norm("post_attention_layernorm")),
                c.stream().normed("pre_feedforward_layernorm", mlp).inside(c.norm("post_feedforward_layernorm")));
    }

    /// Attention with the scale that the configuration says.
    static AttentionSpec attention(Common c) throws IOException {
        boolean bias = c.config().flag("attention_bias", false);
        return c.attention(bias, bias)
                .scaledBy(1 / Math.sqrt(c.config().positive("query_pre_attn_scalar", HEAD_SIZE)));
    }
}
