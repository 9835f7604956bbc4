package dev.sglp.checkpoint.gguf.architecture;

import static dev.sglp.checkpoint.gguf.dialect.Clauses.layerNorm;
import static dev.sglp.checkpoint.gguf.dialect.Clauses.real;
import static dev.sglp.checkpoint.gguf.dialect.Clauses.rms;
import static dev.sglp.checkpoint.gguf.dialect.Clauses.sizes;

import dev.sglp.checkpoint.gguf.dialect.Dialect;
import dev.sglp.checkpoint.gguf.dialect.Positions;
import java.io.IOException;

/// OLMo.
final class OlmoKin {
    private static final double EPSILON = 1e-5;

    private OlmoKin() {}

    /// Its norms have no tensors, and one epsilon.
    static Dialect olmo() {
        return Dialect.of("olmo", "olmo", "OlmoForCausalLM", LlamaKin.PAIRS, sizes(), LlamaKin.SHARED, LlamaKin.BIAS,
                LlamaKin.SILU, layerNorm("layer_norm_eps"), said -> {
                    if (!said.config().get("layer_norm_eps").equals(EPSILON)) {
                        throw new IOException("[%s] has norms of epsilon %s, expected %s".formatted(said.path(),
                                said.config().get("layer_norm_eps"), EPSILON));
                    }
                    said.config().remove("layer_norm_eps");
                }, real("attention.clamp_kqv", "clip_qkv"), Positions.whole());
    }

    static Dialect olmo2() {
        var names = LlamaKin.normed().inside("post_attention_norm", "post_attention_layernorm")
                .inside("post_ffw_norm", "post_feedforward_layernorm");
        return Dialect.of("olmo2", "olmo2", "Olmo2ForCausalLM", names, sizes(), LlamaKin.SHARED, LlamaKin.BIAS,
                LlamaKin.SILU, rms(), Positions.whole());
    }
}
