package dev.sglp.family.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sglp.family.ModelFile;
import dev.sglp.model.LayerSet;
import dev.sglp.report.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What a configuration of GPT-2's followers, or of a network of experts, says and is not understood is refused with the reason.
final class GptAndExpertsRefusalTest {
    /// @param name   a pico network
    /// @param reason what the error says
    record Refused(String name, String field, Object value, String reason) {}

    static final List<Refused> REFUSED = List.of(
            new Refused("gpt2/distil", "scale_attn_by_inverse_layer_idx", true, "a removal would change the numbers"),
            new Refused("gpt2/distil", "add_cross_attention", true, "it reads one text alone"),
            new Refused("gpt2/distil", "n_head", 5, "'n_head': expected a divisor of the width 12"),
            new Refused("gpt2/distil", "n_positions", 27, "'transformer.wpe.weight' has shape [26, 12]"),
            new Refused("gpt2/distil", "num_attention_heads", 2, "'num_attention_heads'"),
            new Refused("gpt2/distil", "activation_function", "gelu_10", "'activation_function': expected one of"),
            new Refused("gpt2/distil", "architectures", List.of("GPT2ForSequenceClassification"), "'GPT2LMHeadModel'"),
            new Refused("gpt_neox/pythia", "rope_theta", 500.0, "'rope_theta': expected 10000 (as rotary_emb_base)"),
            new Refused("gpt_neox/pythia", "partial_rotary_factor", 0.5, "expected 0.25 (as rotary_pct)"),
            new Refused("gpt_neox/pythia", "rotary_pct", 0.4, "an even number of a head's 8 numbers"),
            new Refused("gpt_neox/pythia", "attention_bias", false, "does not belong to a GPTNeoX"),
            new Refused("opt/125m", "do_layer_norm_before", false, "'do_layer_norm_before': expected true"),
            new Refused("opt/125m", "word_embed_proj_dim", 8, "'word_embed_proj_dim': expected 16"),
            new Refused("opt/125m", "scale_embeddings", true, "'scale_embeddings': expected false"),
            new Refused("opt/125m", "learned_embeddings", false, "'learned_embeddings': expected true"),
            new Refused("opt/125m", "_remove_final_layer_norm", true, "'model.decoder.final_layer_norm.bias'"),
            new Refused("falcon/40b", "parallel_attn", false, "true beside new_decoder_architecture"),
            new Refused("falcon/40b", "num_ln_in_parallel_attn", 3, "expected 1 or 2"),
            new Refused("falcon/40b", "num_kv_heads", 3, "'num_kv_heads': expected a divisor of the 4 heads"),
            new Refused("falcon/7b", "num_ln_in_parallel_attn", 2, "expected 1 without new_decoder_architecture"),
            new Refused("falcon/rw_1b", "num_kv_heads", 3, "'num_kv_heads': expected 12, one for each head"),
            new Refused("falcon/7b", "n_embed", 8, "'n_embed': expected 12"),
            new Refused("falcon/7b", "apply_residual_connection_post_layernorm", true, "post_layernorm': true"),
            new Refused("falcon/7b", "auto_map", Map.of("AutoModelForCausalLM", "modeling_x.FalconForCausalLM"),
                    "Python code of its own"),
            new Refused("starcoder2/3b", "mlp_type", "gated", "'mlp_type': expected 'default'"),
            new Refused("starcoder2/3b", "norm_type", "rms_norm", "'norm_type': expected 'layer_norm'"),
            new Refused("starcoder2/3b", "scale_attn_weights", false, "'scale_attn_weights': expected true"),
            new Refused("mixtral/8x7b", "num_local_experts", 5, "block_sparse_moe.gate.weight' has shape [4, 16]"),
            new Refused("mixtral/8x7b", "num_local_experts", 1_000_000, "says 1000000 experts, but the file has"),
            new Refused("mixtral/8x7b", "num_experts", 8, "'num_experts'"),
            new Refused("mixtral/8x7b", "num_experts_per_tok", 5, "at most the 4 experts"),
            new Refused("qwen2_moe/step", "num_experts", 3, "mlp.gate.weight' has shape [4, 16]"),
            new Refused("qwen2_moe/step", "decoder_sparse_step", 1, "model.layers.0.mlp.gate.weight'"),
            new Refused("qwen2_moe/step", "mlp_only_layers", List.of(), "model.layers.3.mlp.gate.weight'"),
            new Refused("qwen2_moe/step", "mlp_only_layers", List.of("3"), "'mlp_only_layers': expected a list of"),
            new Refused("qwen2_moe/five", "use_sliding_window", false, "without use_sliding_window"),
            new Refused("qwen3_moe/step", "num_local_experts", 3, "'num_local_experts': expected 4 (as num_experts)"),
            new Refused("qwen3_moe/step", "layer_types", List.of("full_attention"), "'layer_types'"));

    @TempDir
    private Path folder;

    @ParameterizedTest
    @FieldSource("REFUSED")
    void itIsRefusedWithTheReason(Refused refused) {
        assertThatThrownBy(() -> with(refused.name, Map.of(refused.field, refused.value)).close())
                .isInstanceOf(IOException.class).hasMessageContaining(refused.reason)
                .hasMessageContaining("model.safetensors");
    }

    /// The same weights under another configuration.
    private ModelFile with(String name, Map<String, Object> changed) throws IOException {
        var config = Fixture.config(Fixture.HERE.resolve(name));
        config.putAll(changed);
        Files.copy(Fixture.HERE.resolve(name).resolve("model.safetensors"), folder.resolve("model.safetensors"));
        Files.writeString(folder.resolve("config.json"), Json.pretty(config));
        return ModelFile.open(folder.resolve("model.safetensors"));
    }

    /// transformers 5 writes the number of experts under another name.
    @Test
    void theNumberOfExpertsHasTwoNames() throws IOException {
        var config = Fixture.config(Fixture.HERE.resolve("qwen3_moe/step"));
        try (var file = with("qwen3_moe/step", Map.of("num_local_experts", config.get("num_experts")))) {
            assertThat(file.architecture().layers()).hasSize(5);
        }
    }

    /// As published, and as those trained further name it.
    @ParameterizedTest
    @ValueSource(strings = {"modeling_falcon.", "tiiuae/falcon-7b--modeling_falcon."})
    void theCodeThatTransformersTookOverIsNoCodeOfItsOwn(String module) throws IOException {
        var code = Map.of("AutoModel", module + "FalconModel", "AutoModelForCausalLM", module + "FalconForCausalLM");
        try (var file = with("falcon/7b", Map.of("auto_map", code))) {
            assertThat(file.architecture().layers()).hasSize(4);
        }
    }

    /// Nothing is written about layers with experts where all have them.
    @Test
    void aPatternThatCannotBreakStaysAsItIs() throws IOException {
        try (var file = with("qwen3_moe/30b_a3b", Map.of())) {
            assertThat(file.architecture().config(LayerSet.of(0), List.of())).containsEntry("decoder_sparse_step", 1)
                    .containsEntry("mlp_only_layers", List.of());
        }
        try (var file = ModelFile.open(Fixture.HERE.resolve("qwen2_moe/a2_7b"))) {
            assertThat(file.architecture().config(LayerSet.of(0), List.of())).doesNotContainKey("mlp_only_layers");
        }
    }
}
