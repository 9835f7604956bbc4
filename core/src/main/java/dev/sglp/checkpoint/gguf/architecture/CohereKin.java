package dev.sglp.checkpoint.gguf.architecture;

import static dev.sglp.checkpoint.gguf.dialect.Clauses.heads;
import static dev.sglp.checkpoint.gguf.dialect.Clauses.ifThere;
import static dev.sglp.checkpoint.gguf.dialect.Clauses.layerNorm;
import static dev.sglp.checkpoint.gguf.dialect.Clauses.needed;
import static dev.sglp.checkpoint.gguf.dialect.Clauses.real;
import static dev.sglp.checkpoint.gguf.dialect.Clauses.sizes;

import dev.sglp.checkpoint.gguf.dialect.Dialect;
import dev.sglp.checkpoint.gguf.dialect.Positions;
import dev.sglp.checkpoint.gguf.dialect.Names;

/// Command R, whose neighbouring numbers of a head are turned together here and there: its rows lie as they are.
final class CohereKin {
    private CohereKin() {}

    static Dialect commandR() {
        return Dialect.of("command-r", "cohere", "CohereForCausalLM", LlamaKin.normed(), sizes(), LlamaKin.SHARED,
                LlamaKin.BIAS, ifThere("attn_q_norm.weight", "use_qk_norm"), LlamaKin.SILU,
                layerNorm("layer_norm_eps"), Positions.whole(), real("logit_scale", "logit_scale"));
    }

    static Dialect cohere2() {
        return Dialect.of("cohere2", "cohere2", "Cohere2ForCausalLM", Names.LLAMA, sizes(), heads(), LlamaKin.BIAS,
                LlamaKin.SILU, layerNorm("layer_norm_eps"), Positions.whole(), real("logit_scale", "logit_scale"),
                needed("attention.sliding_window", "sliding_window", "tokens most layers see"));
    }
}
