package dev.sglp.checkpoint.gguf.architecture;

import static dev.sglp.checkpoint.gguf.dialect.Clauses.fixed;
import static dev.sglp.checkpoint.gguf.dialect.Clauses.flag;
import static dev.sglp.checkpoint.gguf.dialect.Clauses.ifThere;
import static dev.sglp.checkpoint.gguf.dialect.Clauses.layerNorm;
import static dev.sglp.checkpoint.gguf.dialect.Clauses.sharedHeads;
import static dev.sglp.checkpoint.gguf.dialect.Clauses.sizes;

import dev.sglp.checkpoint.gguf.dialect.Dialect;
import dev.sglp.checkpoint.gguf.dialect.Positions;
import dev.sglp.checkpoint.gguf.dialect.Names;
import dev.sglp.checkpoint.gguf.dialect.Change;
import java.util.Optional;

/// GPT-2 and its followers.
final class GptKin {
    static final String SECOND_NORM = "attn_norm_2";
    private static final Names FALCON = Names.of("transformer.h.").outside("token_embd", "transformer.word_embeddings")
            .outside("output_norm", "transformer.ln_f").outside("output", "lm_head")
            .inside("attn_qkv", "self_attention.query_key_value", Change.KINDS)
            .inside("attn_output", "self_attention.dense").inside("ffn_up", "mlp.dense_h_to_4h")
            .inside("ffn_down", "mlp.dense_4h_to_h");

    private GptKin() {}

    static Dialect gpt2() {
        var names = Names.of("transformer.h.").outside("token_embd", "transformer.wte")
                .outside("position_embd", "transformer.wpe").outside("output_norm", "transformer.ln_f")
                .outside("output", "lm_head").inside("attn_norm", "ln_1").inside("ffn_norm", "ln_2")
                .inside("attn_qkv", "attn.c_attn", Change.TRANSPOSED)
                .inside("attn_output", "attn.c_proj", Change.TRANSPOSED)
                .inside("ffn_up", "mlp.c_fc", Change.TRANSPOSED).inside("ffn_down", "mlp.c_proj", Change.TRANSPOSED);
        return Dialect.of("gpt2", "gpt2", "GPT2LMHeadModel", names,
                sizes("n_embd", "n_inner", "n_layer", "n_positions"), sharedHeads("n_head", Optional.empty()),
                fixed("activation_function", "gelu_new"), layerNorm("layer_norm_epsilon"));
    }

    static Dialect gptNeoX() {
        var names = Names.of("gpt_neox.layers.").outside("token_embd", "gpt_neox.embed_in")
                .outside("output_norm", "gpt_neox.final_layer_norm").outside("output", "embed_out")
                .inside("attn_norm", "input_layernorm").inside("ffn_norm", "post_attention_layernorm")
                .inside("attn_qkv", "attention.query_key_value", Change.KINDS)
                .inside("attn_output", "attention.dense").inside("ffn_up", "mlp.dense_h_to_4h")
                .inside("ffn_down", "mlp.dense_4h_to_h");
        return Dialect.of("gptneox", "gpt_neox", "GPTNeoXForCausalLM", names, sizes(),
                sharedHeads("num_attention_heads", Optional.empty()), fixed("hidden_act", "gelu"),
                ifThere("attn_qkv.bias", "attention_bias"), layerNorm("layer_norm_eps"),
                Positions.part("rotary_emb_base", "rotary_pct"),
                flag("use_parallel_residual", "use_parallel_residual"));
    }

    /// One key head and one norm; or, in the 11B, groups of heads.
    static Dialect falcon() {
        return falcon(FALCON.inside("attn_norm", "input_layernorm"), 1);
    }

    /// A norm for attention and one for the perceptron, as in the 40B.
    static Dialect falconOfTwoNorms() {
        return falcon(FALCON.inside("attn_norm", "ln_mlp").inside(SECOND_NORM, "ln_attn"), 2);
    }

    private static Dialect falcon(Names names, int norms) {
        return Dialect.of("falcon", "falcon", "FalconForCausalLM", names, sizes("hidden_size", "ffn_hidden_size",
                "num_hidden_layers", "max_position_embeddings"),
                sharedHeads("num_attention_heads", Optional.of("num_kv_heads")), said -> {
                    int keys = said.heads().key();
                    boolean groups = norms == 2 || keys > 1 && keys < said.heads().query();
                    said.put("new_decoder_architecture", groups);
                    said.put("multi_query", !groups && keys == 1);
                    said.put("num_ln_in_parallel_attn", norms);
                }, fixed("parallel_attn", true), fixed("alibi", false), ifThere("ffn_up.bias", "bias"),
                layerNorm("layer_norm_epsilon"), Positions.whole());
    }

    /// What files do not say: the published ones' window, which llama.cpp has not.
    static Dialect starcoder2() {
        var names = Names.LLAMA.inside("ffn_up", "mlp.c_fc").inside("ffn_down", "mlp.c_proj");
        return Dialect.of("starcoder2", "starcoder2", "Starcoder2ForCausalLM", names, sizes(), LlamaKin.SHARED,
                fixed("hidden_act", "gelu_pytorch_tanh"), ifThere("ffn_up.bias", "use_bias"),
                layerNorm("norm_epsilon"), Positions.whole());
    }
}
