package dev.sglp.family.decoder.experts;

import dev.sglp.family.config.ConfigFields;
import dev.sglp.family.config.Windows;
import dev.sglp.family.decoder.Common;
import dev.sglp.family.decoder.DecoderFamily;
import dev.sglp.family.transformer.BlockSpec;
import dev.sglp.family.transformer.ExpertsSpec;
import dev.sglp.family.transformer.LinearSpec;
import dev.sglp.family.transformer.NetworkSpec;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.IntStream;

/// Qwen1.5-MoE and Qwen2-MoE: Qwen2 with experts in some layers, besides one that every token asks.
public final class Qwen2Moe implements DecoderFamily {
    @Override
    public String name() {
        return "qwen2_moe";
    }

    @Override
    public String title() {
        return "Qwen2Moe";
    }

    @Override
    public String source() {
        return "Yang et al. 2024, arXiv 2407.10671";
    }

    @Override
    public Function<List<Integer>, Map<String, Object>> rewritten(NetworkSpec spec, ConfigFields config) {
        return kept -> Sparse.rewritten(spec, kept);
    }

    @Override
    public NetworkSpec spec(ConfigFields config) throws IOException {
        var c = Common.of(config, Common.Defaults.of(1 << 15).keyValueHeads(16));
        var attention = c.attention(config.flag("qkv_bias", true), false).turnedBy(c.rope());
        var windows = Windows.perLayer(config, c.layers(), (layer, most) -> layer % 2 == 0 && layer < most);
        var dense = c.gated(false, c.activation());
        var experts = experts(c);
        var sparse = Sparse.layers(config, c.layers());
        return c.network(IntStream.range(0, c.layers())
                .<BlockSpec>mapToObj(i -> c.block(attention.seeing(windows.get(i)), sparse.get(i) ? experts : dense))
                .toList());
    }

    private static ExpertsSpec experts(Common c) throws IOException {
        var config = c.config();
        int experts = config.count("num_experts", 60);
        var shared = new ExpertsSpec.Shared(
                c.gated("mlp.shared_expert.", config.count("shared_expert_intermediate_size", 5632), false,
                        c.activation()),
                new LinearSpec("mlp.shared_expert_gate", 1, c.hidden(), false));
        return new ExpertsSpec(new LinearSpec("mlp.gate", experts, c.hidden(), false), "mlp.experts.",
                c.gated("", config.count("moe_intermediate_size", 1408), false, c.activation()), experts,
                Sparse.top(config, 4, experts), config.flag("norm_topk_prob", false), Optional.of(shared));
    }
}
