package dev.sglp.family.decoder.cohere;

import dev.sglp.family.config.ConfigFields;
import dev.sglp.family.config.RopeFields;
import dev.sglp.family.decoder.Common;
import dev.sglp.family.transformer.AttentionSpec;
import dev.sglp.family.transformer.BlockSpec;
import dev.sglp.family.transformer.NetworkSpec;
import dev.sglp.family.transformer.NormSpec;
import dev.sglp.model.transformer.position.Rope;
import java.io.IOException;
import java.util.List;

/// What the two generations share.
final class CohereCommon {
    private static final double LOGITS = 0.0625;

    private CohereCommon() {}

    static Common of(ConfigFields config) throws IOException {
        return Common.of(config, Common.Defaults.of(1 << 13).tiedByDefault(), NormSpec.Kind.LAYER_WITHOUT_BIAS,
                config.positive("layer_norm_eps", 1e-5));
    }

    static AttentionSpec attention(Common c) throws IOException {
        boolean bias = c.config().flag("attention_bias", false);
        return c.attention(bias, bias);
    }

    /// Neighbouring numbers of a head are turned together.
    static RopeFields turning(Common c) {
        return c.turning().pairs(Rope.Pairs.NEIGHBOURS);
    }

    static BlockSpec block(Common c, AttentionSpec attention) throws IOException {
        return c.sideBySide(attention, c.gated(false, c.activation()));
    }

    static NetworkSpec network(Common c, List<BlockSpec> blocks) throws IOException {
        return c.network(blocks).logits(c.config().positive("logit_scale", LOGITS), 0);
    }
}
