package dev.sglp.family.decoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sglp.model.transformer.position.Rope;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/// What a configuration says and is not understood is refused with the reason.
final class DecoderRefusalTest {
    /// @param name    a pico network
    /// @param changed fields of its configuration
    /// @param reason  what the error says
    record Refused(String name, Map<String, Object> changed, String reason) {
        static Refused of(String name, String field, Object value, String reason) {
            return new Refused(name, Map.of(field, value), reason);
        }
    }

    static final List<Refused> REFUSED = List.of(
            Refused.of("llama2", "hidden_act", "gelu_10", "'hidden_act': expected one of [gelu, gelu_fast,"),
            Refused.of("llama2", "num_hidden_layers", 3, "'model.layers.3.input_layernorm.weight'"),
            Refused.of("llama2", "num_hidden_layers", 5, "no tensor 'model.layers.4.input_layernorm.weight'"),
            Refused.of("llama2", "num_hidden_layers", 1_000_000, "no more layers than the file's"),
            Refused.of("llama2", "num_hidden_layers", "4", "expected a whole number from 0 to 16777216, got \"4\""),
            Refused.of("llama2", "num_hidden_layers", List.of(4), "got [4]"),
            Refused.of("llama2", "rms_norm_eps", "1e-05", "expected a number above 0, got \"1e-05\""),
            Refused.of("llama2", "rms_norm_eps", true, "expected a number above 0, got true"),
            Refused.of("llama2", "rope_theta", "10000.0", "expected a number above 0, got \"10000.0\""),
            Refused.of("llama2", "attention_bias", "false", "expected true or false, got \"false\""),
            Refused.of("llama2", "attention_bias", 0, "expected true or false, got 0"),
            Refused.of("llama2", "rope_scaling", "linear", "expected an object, got \"linear\""),
            Refused.of("llama2", "rope_scaling", List.of(), "expected an object, got []"),
            Refused.of("llama2", "is_causal", false, "'is_causal': expected true"),
            Refused.of("qwen3", "is_causal", "false", "got \"false\""),
            Refused.of("llama2", "norm_mode", "rms", "'norm_mode': \"rms\""),
            Refused.of("llama2", "num_attention_heads", 3, "'num_key_value_heads': expected a divisor of the 3 heads"),
            Refused.of("llama2", "head_dim", 7, "'head_dim': expected an even number"),
            Refused.of("llama2", "head_dim", 4, "has shape [16, 16]"),
            Refused.of("llama2", "attention_bias", true, "no tensor 'model.layers.0.self_attn.q_proj.bias'"),
            Refused.of("linear", "attention_bias", false, "_proj.bias' [8] does not belong to a Llama"),
            Refused.of("llama2", "some_list", List.of(1, 2, 3, 4), "'some_list': [1,2,3,4]"),
            Refused.of("llama2", "no_rope_layers", List.of(1), "'no_rope_layers'"),
            Refused.of("llama2", "sliding_window", 16, "'sliding_window': 16"),
            Refused.of("mistral", "sliding_window", "16", "got \"16\""),
            Refused.of("llama2", "num_local_experts", 8, "'num_local_experts'"),
            Refused.of("llama2", "residual_multiplier", 0.22, "'residual_multiplier'"),
            Refused.of("llama2", "partial_rotary_factor", 0.5, "'partial_rotary_factor': expected 1"),
            Refused.of("llama2", "rope_scaling", Map.of("type", "ntk", "factor", 2.0), "got \"ntk\""),
            Refused.of("llama2", "rope_scaling", Map.of("rope_type", "su", "factor", 2.0), "got \"su\""),
            Refused.of("llama2", "rope_scaling", Map.of("rope_type", "linear"), "'factor': expected a number above 0"),
            Refused.of("llama2", "rope_scaling", Map.of("rope_type", "default", "mrope_section", List.of(1, 1)),
                    "rope_scaling] config.json 'mrope_section': expected no field of this name, got [1,1]"),
            Refused.of("llama2", "rope_scaling", Map.of("factor", 2.0), "'rope_type': expected one of"),
            Refused.of("linear", "rope_parameters", Map.of("rope_type", "linear", "factor", "2.5"),
                    "rope_parameters] config.json 'factor': expected a number above 0, got \"2.5\""),
            Refused.of("llama2", "architectures", List.of("LlamaForSequenceClassification"),
                    "expected a list with 'LlamaForCausalLM', got [\"LlamaForSequenceClassification\"]"),
            Refused.of("llama2", "auto_map", Map.of("AutoModelForCausalLM", "modeling_x.X"), "Python code of its own"),
            Refused.of("mistral", "layer_types", List.of("full_attention"), "'layer_types'"),
            Refused.of("qwen3", "layer_types", List.of("full_attention"), "a list of 4"),
            Refused.of("qwen3", "use_sliding_window", false, "without use_sliding_window"),
            Refused.of("qwen3", "layer_types", List.of("full_attention", "linear_attention", "full_attention",
                    "full_attention"), "got \"linear_attention\""),
            Refused.of("qwen3", "num_experts", 4, "'num_experts'"),
            Refused.of("llama2", "rms_norm_eps", -1, "a number above 0"),
            Refused.of("llama2", "model_type", "gemma9", "of model_type 'gemma9' is not a network of a known family"),
            Refused.of("llama2", "model_type", "gemma3", "; nearest that is known: gemma3_text, gemma"),
            Refused.of("llama2", "model_type", "t9", "Known are:\n  preact-resnet, cifar-resnet"));

    @TempDir
    private Path folder;

    @ParameterizedTest
    @FieldSource("REFUSED")
    void itIsRefusedWithTheReason(Refused refused) {
        assertThatThrownBy(() -> Pico.with(refused.name, refused.changed, folder).close())
                .isInstanceOf(IOException.class).hasMessageContaining(refused.reason)
                .hasMessageContaining("model.safetensors");
    }

    /// As transformers 5: `rope_scaling` counts where it says something, and its theta is its own or the one beside it.
    @Test
    void ofTwoRotationsTheOldOneCounts() throws IOException {
        var now = Map.of("rope_type", "linear", "factor", 8.0, "rope_theta", 5000.0);
        assertThat(rope(Map.of("rope_parameters", now, "rope_scaling", Map.of("type", "linear", "factor", 4))))
                .isEqualTo(
                        new Rope(8, 10_000, new Rope.Scaling.Linear(4)));
        assertThat(rope(Map.of("rope_parameters", now, "rope_scaling", Map.of("type", "default"), "rope_theta", 7000)))
                .isEqualTo(new Rope(8, 7000, new Rope.Scaling.None()));
        assertThat(rope(Map.of("rope_parameters", now, "rope_scaling", Map.of("type", "default", "rope_theta", 6000))))
                .isEqualTo(new Rope(8, 6000, new Rope.Scaling.None()));
        assertThat(rope(Map.of("rope_parameters", now, "rope_scaling", Map.of())))
                .isEqualTo(new Rope(8, 5000, new Rope.Scaling.Linear(8)));
    }

    private Rope rope(Map<String, Object> changed) throws IOException {
        try (var file = Pico.with("linear", changed, folder)) {
            return ((DecoderArchitecture) file.architecture()).spec().blocks().getFirst().attention().orElseThrow()
                    .reach().rope()
                    .orElseThrow();
        }
    }

    @Test
    void whatSaysNothingAboutLayersIsCarried() throws IOException {
        var harmless = new LinkedHashMap<String, Object>();
        harmless.put("rope_interleaved", false);
        harmless.put("sliding_window", null);
        harmless.put("num_local_experts", 0);
        harmless.put("_flash_attn_2_enabled", true);
        harmless.put("_attn_implementation_internal", "sdpa");
        harmless.put("eos_token_id", List.of(1, 2, 3, 5));
        harmless.put("attention_dropout", 0.1);
        harmless.put("embedding_multiplier", 1.0);
        harmless.put("auto_map", Map.of("AutoTokenizer", "tokenization_x.X"));
        harmless.put("transformers.js_config", Map.of("dtype", "q4"));
        try (var file = Pico.with("llama2", harmless, folder)) {
            assertThat(file.architecture().config(dev.sglp.model.LayerSet.EMPTY, List.of()))
                    .containsAllEntriesOf(harmless);
        }
    }
}
