package dev.sglp.family.decoder.phi;

import dev.sglp.family.config.Activations;
import dev.sglp.family.config.ConfigFields;
import dev.sglp.family.decoder.Common;
import dev.sglp.family.decoder.DecoderFamily;
import dev.sglp.family.decoder.DecoderNames;
import dev.sglp.family.transformer.LinearSpec;
import dev.sglp.family.transformer.NetworkSpec;
import dev.sglp.family.transformer.NormSpec;
import java.io.IOException;
import java.util.Collections;

/// Phi 1 to 2: attention and perceptron side by side behind one norm, biases everywhere, a part of each head is turned.
public final class Phi implements DecoderFamily {
    private static final double TURNED = 0.5;

    @Override
    public String name() {
        return "phi";
    }

    @Override
    public String title() {
        return "Phi";
    }

    @Override
    public String source() {
        return "Li et al. 2023, arXiv 2309.05463";
    }

    @Override
    public DecoderNames names() {
        return DecoderNames.LLAMA.norm("final_layernorm.weight");
    }

    @Override
    public NetworkSpec spec(ConfigFields config) throws IOException {
        var c = Common.of(config, Common.Defaults.of(1 << 11), NormSpec.Kind.LAYER,
                config.positive("layer_norm_eps", 1e-5));
        var attention = c.attention("self_attn.dense", true, true).turnedBy(c.turning().share(TURNED).rope());
        var norms = c.stream().eachHead(c.heads(), "self_attn.q_layernorm", "self_attn.k_layernorm");
        var mlp = c.plain("mlp.fc1", "mlp.fc2", true, Activations.of(config, "hidden_act", "gelu_new"));
        var block = c.sideBySide(config.flag("qk_layernorm", false) ? attention.normedBy(norms) : attention, mlp);
        return c.network(Collections.nCopies(c.layers(), block))
                .with(new NetworkSpec.Head(c.norm("model.final_layernorm"),
                        new LinearSpec("lm_head", c.vocabulary(), c.hidden(), true), c.tied()));
    }
}
