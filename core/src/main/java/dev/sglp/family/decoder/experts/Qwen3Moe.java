package dev.sglp.family.decoder.experts;

import dev.sglp.family.config.ConfigFields;
import dev.sglp.family.config.Windows;
import dev.sglp.family.decoder.Common;
import dev.sglp.family.decoder.DecoderFamily;
import dev.sglp.family.transformer.ExpertsSpec;
import dev.sglp.family.transformer.LinearSpec;
import dev.sglp.family.transformer.NetworkSpec;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/// Qwen3-MoE: Qwen3 with experts in some layers; every layer sees the same window.
public final class Qwen3Moe implements DecoderFamily {
    @Override
    public String name() {
        return "qwen3_moe";
    }

    @Override
    public String title() {
        return "Qwen3Moe";
    }

    @Override
    public String source() {
        return "Yang et al. 2025, arXiv 2505.09388";
    }

    @Override
    public Function<List<Integer>, Map<String, Object>> rewritten(NetworkSpec spec, ConfigFields config) {
        return kept -> Sparse.rewritten(spec, kept);
    }

    @Override
    public NetworkSpec spec(ConfigFields config) throws IOException {
        var c = Common.of(config, Common.Defaults.of(1 << 15).keyValueHeads(4));
        boolean bias = config.flag("attention_bias", false);
        int window = config.countOrNull("sliding_window", Windows.DEFAULT);
        config.harmless("max_window_layers"); // of Qwen3; read by nobody
        var attention = c.attention(bias, bias).turnedBy(c.rope()).normedBy(c.headNorms())
                .seeing(config.flag("use_sliding_window", false) ? window : Windows.ALL);
        var dense = c.gated(false, c.activation());
        var experts = experts(c);
        return c.network(Sparse.layers(config, c.layers()).stream()
                .map(sparse -> c.block(attention, sparse ? experts : dense)).toList());
    }

    /// transformers 5 writes their number as `num_local_experts`.
    private static ExpertsSpec experts(Common c) throws IOException {
        var config = c.config();
        int experts = config.count("num_experts", config.count("num_local_experts", 128));
        config.mustBe("num_local_experts", experts, "as num_experts");
        return new ExpertsSpec(new LinearSpec("mlp.gate", experts, c.hidden(), false), "mlp.experts.",
                c.gated("", config.count("moe_intermediate_size", 768), false, c.activation()), experts,
                Sparse.top(config, 8, experts), config.flag("norm_topk_prob", false), Optional.empty());
    }
}
