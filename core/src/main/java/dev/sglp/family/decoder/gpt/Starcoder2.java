package dev.sglp.family.decoder.gpt;

import dev.sglp.family.config.Activations;
import dev.sglp.family.config.ConfigFields;
import dev.sglp.family.config.Windows;
import dev.sglp.family.decoder.Common;
import dev.sglp.family.decoder.DecoderFamily;
import dev.sglp.family.transformer.NetworkSpec;
import dev.sglp.family.transformer.NormSpec;
import java.io.IOException;
import java.util.Collections;
import java.util.List;

/// StarCoder2: Llama's names, layer norms, a perceptron without a gate, every layer the same sliding window.
public final class Starcoder2 implements DecoderFamily {
    private static final int CONTEXT = 4096;
    private static final int KEY_HEADS = 2;

    @Override
    public String name() {
        return "starcoder2";
    }

    @Override
    public String title() {
        return "Starcoder2";
    }

    @Override
    public String source() {
        return "Lozhkov et al. 2024, arXiv 2402.19173";
    }

    @Override
    public boolean tiedByDefault() {
        return true;
    }

    @Override
    public NetworkSpec spec(ConfigFields config) throws IOException {
        config.oneOf("mlp_type", List.of("default"));
        config.oneOf("norm_type", List.of("layer_norm"));
        config.mustBeTrue("scale_attn_weights", "scores are divided by the root of a head's size");
        config.harmless("attention_softmax_in_fp32", "scale_attention_softmax_in_fp32", "layer_norm_epsilon");
        var c = Common.of(config, Common.Defaults.of(CONTEXT).keyValueHeads(KEY_HEADS).tiedByDefault(),
                NormSpec.Kind.LAYER, config.positive("norm_epsilon", 1e-5));
        boolean bias = config.flag("use_bias", true);
        var attention = c.attention(bias, bias).turnedBy(c.rope())
                .seeing(config.countOrNull("sliding_window", Windows.ALL));
        var mlp = c.plain("mlp.c_fc", "mlp.c_proj", bias, Activations.of(config, "hidden_act", "gelu_pytorch_tanh"));
        return c.network(Collections.nCopies(c.layers(), c.block(attention, mlp)));
    }
}
