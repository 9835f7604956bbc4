package dev.sglp.family.decoder.cohere;

import dev.sglp.family.config.ConfigFields;
import dev.sglp.family.decoder.Common;
import dev.sglp.family.decoder.DecoderFamily;
import dev.sglp.family.transformer.AttentionSpec.Norms;
import dev.sglp.family.transformer.NetworkSpec;
import dev.sglp.family.transformer.NormSpec;
import java.io.IOException;
import java.util.Collections;
import java.util.List;

/// Command R and Aya: attention and perceptron side by side behind one norm without a bias; the largest normalises each head with
/// weights of its own.
public final class Cohere implements DecoderFamily {
    private static final double BASE = 500_000;

    @Override
    public String name() {
        return "cohere";
    }

    @Override
    public String title() {
        return "Cohere";
    }

    @Override
    public String source() {
        return "Aryabumi et al. 2024, arXiv 2405.15032";
    }

    @Override
    public boolean tiedByDefault() {
        return true;
    }

    @Override
    public NetworkSpec spec(ConfigFields config) throws IOException {
        var c = CohereCommon.of(config);
        var plain = CohereCommon.attention(c).turnedBy(CohereCommon.turning(c).base(BASE).rope());
        var attention = config.flag("use_qk_norm", false)
                ? plain.normedBy(new Norms(norm(c, "self_attn.q_norm", c.heads().query()),
                        norm(c, "self_attn.k_norm", c.heads().key()), true))
                : plain;
        return CohereCommon.network(c, Collections.nCopies(c.layers(), CohereCommon.block(c, attention)));
    }

    private static NormSpec norm(Common c, String name, long heads) {
        return new NormSpec(name, c.stream().norm(), List.of(heads, (long) c.heads().size()), c.stream().epsilon());
    }
}
