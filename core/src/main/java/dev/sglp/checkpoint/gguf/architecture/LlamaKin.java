package dev.sglp.checkpoint.gguf.architecture;

import static dev.sglp.checkpoint.gguf.dialect.Clauses.fixed;
import static dev.sglp.checkpoint.gguf.dialect.Clauses.heads;
import static dev.sglp.checkpoint.gguf.dialect.Clauses.ifThere;
import static dev.sglp.checkpoint.gguf.dialect.Clauses.layerNorm;
import static dev.sglp.checkpoint.gguf.dialect.Clauses.real;
import static dev.sglp.checkpoint.gguf.dialect.Clauses.rms;
import static dev.sglp.checkpoint.gguf.dialect.Clauses.sharedHeads;
import static dev.sglp.checkpoint.gguf.dialect.Clauses.sizes;

import dev.sglp.checkpoint.gguf.dialect.Dialect;
import dev.sglp.checkpoint.gguf.dialect.Positions;
import dev.sglp.checkpoint.gguf.dialect.Names;
import dev.sglp.checkpoint.gguf.dialect.Change;
import dev.sglp.checkpoint.gguf.dialect.Dialect.Clause;
import java.util.Optional;

/// Llama, Mistral and those that differ little from them.
final class LlamaKin {
    static final Clause SILU = fixed("hidden_act", "silu");
    static final Clause BIAS = ifThere("attn_q.bias", "attention_bias");
    static final Clause SHARED = sharedHeads("num_attention_heads", Optional.of("num_key_value_heads"));
    static final Names PAIRS = Names.LLAMA.changed(Change.PAIRS, "attn_q", "attn_k");
    private static final Clause MLP_BIAS = ifThere("ffn_up.bias", "mlp_bias");
    private static final Names NORMED = Names.LLAMA.inside("attn_q_norm", "self_attn.q_norm").inside("attn_k_norm",
            "self_attn.k_norm");

    private LlamaKin() {}

    /// Mistral's models too.
    static Dialect llama() {
        return Dialect.of("llama", "llama", "LlamaForCausalLM", PAIRS, sizes(), heads(), BIAS, MLP_BIAS, SILU, rms(),
                Positions.whole());
    }

    static Dialect smollm3() {
        return llama().as("smollm3", "smollm3", "SmolLM3ForCausalLM", PAIRS);
    }

    static Dialect qwen2() {
        return Dialect.of("qwen2", "qwen2", "Qwen2ForCausalLM", Names.LLAMA, sizes(), heads(),
                fixed("use_sliding_window", false), SILU, rms(), Positions.whole());
    }

    static Dialect qwen3() {
        return Dialect.of("qwen3", "qwen3", "Qwen3ForCausalLM", NORMED, sizes(), heads(), BIAS, SILU, rms(),
                Positions.whole());
    }

    static Dialect granite() {
        return Dialect.of("granite", "granite", "GraniteForCausalLM", PAIRS, sizes(), SHARED, BIAS, MLP_BIAS, SILU,
                rms(), Positions.whole(), real("attention.scale", "attention_multiplier"),
                real("embedding_scale", "embedding_multiplier"), real("residual_scale", "residual_multiplier"),
                real("logit_scale", "logits_scaling"));
    }

    /// Whether its sublayers stand side by side is seen by the norm that they have then in common.
    static Dialect stablelm() {
        var names = Names.LLAMA.inside("attn_q_norm", "self_attn.q_layernorm.norms.%d", Change.STACKED)
                .inside("attn_k_norm", "self_attn.k_layernorm.norms.%d", Change.STACKED);
        return Dialect.of("stablelm", "stablelm", "StableLmForCausalLM", names, sizes(), SHARED,
                ifThere("attn_q.bias", "use_qkv_bias"), ifThere("attn_q_norm.weight", "qk_layernorm"), said -> {
                    said.values().harmless("use_parallel_residual"); // published files of the large one say it wrongly
                    said.put("use_parallel_residual", !said.has("blk.0.ffn_norm.weight"));
                }, SILU, layerNorm("layer_norm_eps"), Positions.part("rope_theta", "partial_rotary_factor"));
    }

    /// With a norm of each head's queries and keys.
    static Names normed() {
        return NORMED;
    }
}
