package dev.sglp.checkpoint.gguf.architecture;

import static dev.sglp.checkpoint.gguf.dialect.Clauses.count;
import static dev.sglp.checkpoint.gguf.dialect.Clauses.fixed;
import static dev.sglp.checkpoint.gguf.dialect.Clauses.needed;
import static dev.sglp.checkpoint.gguf.dialect.Clauses.rms;
import static dev.sglp.checkpoint.gguf.dialect.Clauses.sizes;

import dev.sglp.checkpoint.gguf.dialect.Dialect;
import dev.sglp.checkpoint.gguf.dialect.Clauses;
import dev.sglp.checkpoint.gguf.dialect.Positions;
import dev.sglp.checkpoint.gguf.dialect.Names;
import dev.sglp.checkpoint.gguf.dialect.Change;
import dev.sglp.checkpoint.gguf.dialect.Dialect.Clause;

/// Networks with experts in each layer, whose matrices lie one behind the other.
final class ExpertsKin {
    private static final Clause TOP = needed("expert_used_count", "num_experts_per_tok", "experts a token asks");
    private static final Clause EXPERTS = needed("expert_count", "num_experts", "experts");
    private static final Clause INSIDE = needed("expert_feed_forward_length", "moe_intermediate_size",
            "width inside an expert");

    private ExpertsKin() {}

    static Dialect mixtral() {
        var names = LlamaKin.PAIRS.inside("ffn_gate_inp", "block_sparse_moe.gate")
                .inside("ffn_gate_exps", "block_sparse_moe.experts.%d.w1", Change.STACKED)
                .inside("ffn_down_exps", "block_sparse_moe.experts.%d.w2", Change.STACKED)
                .inside("ffn_up_exps", "block_sparse_moe.experts.%d.w3", Change.STACKED);
        return Dialect.of("llama", "mixtral", "MixtralForCausalLM", names, sizes(), Clauses.heads(), LlamaKin.SILU,
                rms(), Positions.whole(), needed("expert_count", "num_local_experts", "experts"), TOP);
    }

    static Dialect qwen2() {
        var names = qwen(Names.LLAMA).inside("ffn_gate_inp_shexp", "mlp.shared_expert_gate", Change.FLAT)
                .inside("ffn_gate_shexp", "mlp.shared_expert.gate_proj")
                .inside("ffn_up_shexp", "mlp.shared_expert.up_proj")
                .inside("ffn_down_shexp", "mlp.shared_expert.down_proj");
        return Dialect.of("qwen2moe", "qwen2_moe", "Qwen2MoeForCausalLM", names, sizes(), LlamaKin.SHARED,
                LlamaKin.SILU, rms(), Positions.whole(), EXPERTS, TOP, INSIDE,
                count("expert_shared_feed_forward_length", "shared_expert_intermediate_size",
                        "width inside the shared expert"),
                fixed("use_sliding_window", false), fixed("norm_topk_prob", false));
    }

    /// The probabilities of those a token asks add up to 1, which files do not say.
    static Dialect qwen3() {
        return Dialect.of("qwen3moe", "qwen3_moe", "Qwen3MoeForCausalLM", qwen(LlamaKin.normed()), sizes(),
                Clauses.heads(), LlamaKin.BIAS, LlamaKin.SILU, rms(), Positions.whole(), EXPERTS, TOP, INSIDE,
                fixed("use_sliding_window", false), fixed("norm_topk_prob", true));
    }

    private static Names qwen(Names names) {
        return names.inside("ffn_gate_inp", "mlp.gate")
                .inside("ffn_gate_exps", "mlp.experts.%d.gate_proj", Change.STACKED)
                .inside("ffn_down_exps", "mlp.experts.%d.down_proj", Change.STACKED)
                .inside("ffn_up_exps", "mlp.experts.%d.up_proj", Change.STACKED);
    }
}
