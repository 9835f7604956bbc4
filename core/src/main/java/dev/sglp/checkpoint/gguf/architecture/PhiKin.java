package dev.sglp.checkpoint.gguf.architecture;

import static dev.sglp.checkpoint.gguf.dialect.Clauses.count;
import static dev.sglp.checkpoint.gguf.dialect.Clauses.fixed;
import static dev.sglp.checkpoint.gguf.dialect.Clauses.layerNorm;
import static dev.sglp.checkpoint.gguf.dialect.Clauses.rms;
import static dev.sglp.checkpoint.gguf.dialect.Clauses.sizes;

import dev.sglp.checkpoint.gguf.dialect.Dialect;
import dev.sglp.checkpoint.gguf.dialect.Positions;
import dev.sglp.checkpoint.gguf.dialect.Names;
import dev.sglp.checkpoint.gguf.dialect.Dialect.Clause;

/// Phi 1 to 4.
final class PhiKin {
    private static final Clause TURNED = Positions.part("rope_theta", "partial_rotary_factor");

    private PhiKin() {}

    static Dialect phi2() {
        var names = Names.LLAMA.outside("output_norm", "model.final_layernorm")
                .inside("attn_output", "self_attn.dense").inside("ffn_up", "mlp.fc1").inside("ffn_down", "mlp.fc2");
        return Dialect.of("phi2", "phi", "PhiForCausalLM", names, sizes(), LlamaKin.SHARED,
                fixed("hidden_act", "gelu_new"), layerNorm("layer_norm_eps"), TURNED);
    }

    /// Queries, keys and values in one map; gate and what it gates in one.
    static Dialect phi3() {
        var names = Names.LLAMA.inside("attn_qkv", "self_attn.qkv_proj").inside("ffn_up", "mlp.gate_up_proj");
        return Dialect.of("phi3", "phi3", "Phi3ForCausalLM", names, sizes(), LlamaKin.SHARED, LlamaKin.SILU, rms(),
                TURNED, count("attention.sliding_window", "sliding_window", "tokens a layer sees"));
    }
}
