package dev.sglp.checkpoint.gguf.architecture;

import static dev.sglp.checkpoint.gguf.dialect.Clauses.count;
import static dev.sglp.checkpoint.gguf.dialect.Clauses.fixed;
import static dev.sglp.checkpoint.gguf.dialect.Clauses.heads;
import static dev.sglp.checkpoint.gguf.dialect.Clauses.needed;
import static dev.sglp.checkpoint.gguf.dialect.Clauses.real;
import static dev.sglp.checkpoint.gguf.dialect.Clauses.rms;
import static dev.sglp.checkpoint.gguf.dialect.Clauses.sizes;

import dev.sglp.checkpoint.gguf.dialect.Dialect;
import dev.sglp.checkpoint.gguf.dialect.Positions;
import dev.sglp.checkpoint.gguf.dialect.Names;
import dev.sglp.checkpoint.gguf.dialect.Change;
import dev.sglp.checkpoint.gguf.dialect.Dialect.Clause;

/// Gemma 1 to 3 (text): norms by their whole numbers; the largest of the second and third divide scores by the root of the width
/// that a head would have, not of the one it has, which files do not say.
final class GemmaKin {
    private static final Names PLAIN = Names.LLAMA.changed(Change.MORE_BY_ONE, "attn_norm", "ffn_norm", "output_norm");
    private static final Names BOTH_SIDES = PLAIN
            .inside("post_attention_norm", "post_attention_layernorm", Change.MORE_BY_ONE)
            .inside("ffn_norm", "pre_feedforward_layernorm", Change.MORE_BY_ONE)
            .inside("post_ffw_norm", "post_feedforward_layernorm", Change.MORE_BY_ONE);
    private static final Clause GELU = fixed("hidden_activation", "gelu_pytorch_tanh");
    private static final Clause WINDOW = count("attention.sliding_window", "sliding_window", "tokens a layer sees");
    private static final Clause LOGITS = real("final_logit_softcapping", "final_logit_softcapping");
    private static final String PATTERN = "attention.sliding_window_pattern";

    private GemmaKin() {}

    static Dialect gemma() {
        return Dialect.of("gemma", "gemma", "GemmaForCausalLM", PLAIN, sizes(), heads(),
                fixed("hidden_act", "gelu_pytorch_tanh"), rms(), Positions.whole());
    }

    static Dialect gemma2() {
        return Dialect.of("gemma2", "gemma2", "Gemma2ForCausalLM", BOTH_SIDES, sizes(), heads(), GELU, rms(),
                Positions.whole(), scores(46), WINDOW, LOGITS,
                real("attn_logit_softcapping", "attn_logit_softcapping"));
    }

    static Dialect gemma3() {
        var names = BOTH_SIDES.inside("attn_q_norm", "self_attn.q_norm", Change.MORE_BY_ONE).inside("attn_k_norm",
                "self_attn.k_norm", Change.MORE_BY_ONE);
        return Dialect.of("gemma3", "gemma3_text", "Gemma3ForCausalLM", names, sizes(), heads(), GELU, rms(),
                Positions.whole(), scores(62),
                needed("attention.sliding_window", "sliding_window", "tokens most layers see"), LOGITS,
                real("rope.freq_base_swa", "rope_local_base_freq"),
                count(PATTERN, "sliding_window_pattern", "layers from one that sees all to the next"));
    }

    /// @param layers of the largest
    private static Clause scores(int layers) {
        return said -> said.put("query_pre_attn_scalar",
                said.depth() == layers ? said.width() / said.heads().query() : said.heads().size());
    }
}
