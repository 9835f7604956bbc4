package dev.sglp.family.decoder.phi;

import dev.sglp.family.config.ConfigFields;
import dev.sglp.family.config.Windows;
import dev.sglp.family.decoder.Common;
import dev.sglp.family.decoder.DecoderFamily;
import dev.sglp.family.transformer.NetworkSpec;
import dev.sglp.family.transformer.NormSpec;
import dev.sglp.model.transformer.mixer.Projection.Order;
import dev.sglp.model.transformer.position.Rope;
import java.io.IOException;
import java.util.Collections;
import java.util.List;
import java.util.Set;

/// Phi-3 and Phi-4: Llama's block with one map for queries, keys and values, one for gate and what it gates.
public final class Phi3 implements DecoderFamily {
    @Override
    public String name() {
        return "phi3";
    }

    @Override
    public String title() {
        return "Phi3";
    }

    @Override
    public String source() {
        return "Abdin et al. 2024, arXiv 2404.14219";
    }

    @Override
    public Set<String> ownCode() {
        return Set.of("modeling_phi3.Phi3ForCausalLM");
    }

    @Override
    public NetworkSpec spec(ConfigFields config) throws IOException {
        var c = Common.of(config, Common.Defaults.of(1 << 12), NormSpec.Kind.RMS,
                config.positive("rms_norm_eps", 1e-5));
        config.mustBe("full_attn_mod", 1, "every layer is of the same kind");
        config.mustBe("interpolate_factor", 1, "positions are scaled by rope_scaling alone");
        var attention = c.stream()
                .fused(c.heads(), List.of("self_attn.qkv_proj", "self_attn.o_proj"), Order.KINDS, false)
                .turnedBy(rope(c)).seeing(config.countOrNull("sliding_window", Windows.ALL));
        var mlp = c.stream().gated(List.of("mlp.gate_up_proj", "mlp.down_proj"), c.intermediate(), false,
                c.activation());
        return c.network(Collections.nCopies(c.layers(), c.block(attention, mlp)));
    }

    /// How many positions the first training had is said outside the scaling: inside, transformers does not look.
    private static Rope rope(Common c) throws IOException {
        var rope = c.turning().share(1).types("default", "longrope", "su").rope();
        if (rope.scaling() instanceof Rope.Scaling.LongRope) {
            c.config().count("original_max_position_embeddings");
        }
        return rope;
    }
}
