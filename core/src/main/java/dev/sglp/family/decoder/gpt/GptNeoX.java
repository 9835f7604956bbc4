package dev.sglp.family.decoder.gpt;

import dev.sglp.family.config.Activations;
import dev.sglp.family.config.ConfigFields;
import dev.sglp.family.config.RopeFields;
import dev.sglp.family.decoder.Common;
import dev.sglp.family.decoder.DecoderFamily;
import dev.sglp.family.decoder.DecoderNames;
import dev.sglp.family.transformer.NetworkSpec;
import dev.sglp.family.transformer.NormSpec;
import dev.sglp.model.transformer.position.Rope;
import java.io.IOException;
import java.util.List;

/// GPT-NeoX, Pythia, RedPajama: attention and perceptron side by side or not, a share of each head is turned.
public final class GptNeoX implements DecoderFamily {
    private static final double BASE = 10_000;
    private static final double SHARE = 0.25;

    @Override
    public String name() {
        return "gpt_neox";
    }

    @Override
    public String title() {
        return "GPTNeoX";
    }

    @Override
    public String source() {
        return "Black et al. 2022, arXiv 2204.06745; Biderman et al. 2023, arXiv 2304.01373";
    }

    @Override
    public DecoderNames names() {
        return new DecoderNames("gpt_neox.", "embed_in.weight", "final_layer_norm.weight",
                "layers.0.input_layernorm.weight", "embed_out.weight");
    }

    /// Masks and frequencies.
    @Override
    public List<String> redundantEndings() {
        return List.of(".attention.bias", ".attention.masked_bias", ".rotary_emb.inv_freq");
    }

    @Override
    public NetworkSpec spec(ConfigFields config) throws IOException {
        var c = Common.of(config, Common.Defaults.of(1 << 11), NormSpec.Kind.LAYER,
                config.positive("layer_norm_eps", 1e-5));
        var attention = GptCommon.grouped(c, c.heads(), "attention.", config.flag("attention_bias", true));
        var mlp = c.plain("mlp.dense_h_to_4h", "mlp.dense_4h_to_h", true,
                Activations.of(config, "hidden_act", "gelu"));
        var block = c.block(attention.turnedBy(rope(c)), mlp);
        return GptCommon.network(c, names(), c.norm("gpt_neox.final_layer_norm"),
                config.flag("use_parallel_residual", true) ? block.parallel() : block);
    }

    /// Its own names stand where others have `rope_theta` and `partial_rotary_factor`, which transformers does not read here.
    private static Rope rope(Common c) throws IOException {
        double base = c.config().positive("rotary_emb_base", BASE);
        double share = c.config().positive("rotary_pct", SHARE);
        c.config().mustBe("rope_theta", base, "as rotary_emb_base");
        c.config().mustBe("partial_rotary_factor", share, "as rotary_pct");
        return RopeFields.whole(c.config(), c.heads().size(), c.context()).base(base).share(share).rope();
    }
}
