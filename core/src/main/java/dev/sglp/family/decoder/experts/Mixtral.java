package dev.sglp.family.decoder.experts;

import dev.sglp.family.config.ConfigFields;
import dev.sglp.family.config.RopeFields;
import dev.sglp.family.config.Windows;
import dev.sglp.family.decoder.Common;
import dev.sglp.family.decoder.DecoderFamily;
import dev.sglp.family.transformer.ExpertsSpec;
import dev.sglp.family.transformer.LinearSpec;
import dev.sglp.family.transformer.NetworkSpec;
import dev.sglp.family.transformer.NormSpec;
import java.io.IOException;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/// Mixtral: Mistral with experts in every layer; the probabilities of those a token asks add up to 1.
public final class Mixtral implements DecoderFamily {
    private static final double BASE = 1_000_000;

    @Override
    public String name() {
        return "mixtral";
    }

    @Override
    public String title() {
        return "Mixtral";
    }

    @Override
    public String source() {
        return "Jiang et al. 2024, arXiv 2401.04088";
    }

    @Override
    public NetworkSpec spec(ConfigFields config) throws IOException {
        var c = Common.of(config, Common.Defaults.of(1 << 17).keyValueHeads(8), NormSpec.Kind.RMS,
                config.positive("rms_norm_eps", 1e-5));
        int experts = config.count("num_local_experts", 8);
        var expert = c.stream().gated(List.of("w1", "w3", "w2"), c.intermediate(), false, c.activation());
        var mlp = new ExpertsSpec(new LinearSpec("block_sparse_moe.gate", experts, c.hidden(), false),
                "block_sparse_moe.experts.", expert, experts, Sparse.top(config, 2, experts), true, Optional.empty());
        var attention = c.attention(false, false)
                .turnedBy(RopeFields.whole(config, c.heads().size(), c.context()).base(BASE).rope())
                .seeing(config.countOrNull("sliding_window", Windows.ALL));
        return c.network(Collections.nCopies(c.layers(), c.block(attention, mlp)));
    }
}
