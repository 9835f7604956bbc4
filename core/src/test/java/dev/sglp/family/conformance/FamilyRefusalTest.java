package dev.sglp.family.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sglp.family.ModelFile;
import dev.sglp.model.LayerSet;
import dev.sglp.report.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/// What a family's configuration says and is not computed here is refused, not passed over.
final class FamilyRefusalTest {
    /// @param name    a fixture
    /// @param changed a field of its configuration
    /// @param reason  what the error says
    record Refused(String name, Map<String, Object> changed, String reason) {
        static Refused of(String name, String field, Object value, String reason) {
            return new Refused(name, Map.of(field, value), reason);
        }
    }

    private static final Map<String, Object> YARN = Map.of("type", "yarn", "factor", 4.0);
    private static final String FULL = "full_attention";
    private static final String SLIDING = "sliding_attention";

    static final List<Refused> REFUSED = List.of(
            Refused.of("phi3/mini_4k", "rope_scaling", YARN, "'type': expected 'default' or 'longrope' or 'su'"),
            Refused.of("phi3/mini_4k", "full_attn_mod", 2, "'full_attn_mod': expected 1"),
            Refused.of("phi3/mini_4k", "interpolate_factor", 2, "'interpolate_factor': expected 1"),
            Refused.of("phi3/mini_4k", "attention_bias", true, "'attention_bias'"),
            Refused.of("phi3/mini_4k", "lm_head_bias", true, "'lm_head_bias'"),
            Refused.of("phi3/mini_4k", "partial_rotary_factor", 0.4,
                    "'partial_rotary_factor': expected an even number"),
            Refused.of("phi3/mini_4k", "auto_map", Map.of("AutoModelForCausalLM", "modeling_phi3.Other"),
                    "Python code"),
            Refused.of("phi3/phi4_mini_long", "partial_rotary_factor", 1, "'short_factor': expected a list of 4"),
            Refused.of("phi/1_5", "qk_layernorm", true, "no tensor 'model.layers.0.self_attn.q_layernorm.weight'"),
            Refused.of("phi/qk_layernorm", "qk_layernorm", false, "does not belong to a Phi"),
            Refused.of("phi/1_5", "sliding_window", 4, "'sliding_window'"),
            Refused.of("smollm3/3b", "no_rope_layers", List.of(1, 1, 0), "'no_rope_layers': expected a list of 6"),
            Refused.of("smollm3/3b", "no_rope_layers", List.of(1, 1, 2, 1, 1, 1), "expected only 0 and 1"),
            Refused.of("smollm3/3b", "no_rope_layer_interval", 0, "'no_rope_layer_interval'"),
            Refused.of("smollm3/five", "layer_types", List.of(FULL, SLIDING, FULL, FULL), "no layer is said to see"),
            Refused.of("olmo/7b", "clip_qkv", -1.0, "'clip_qkv': expected a number above 0"),
            Refused.of("olmo/7b", "partial_rotary_factor", 0.5, "expected 1 for this family"),
            Refused.of("olmo2/7b", "sliding_window", 4, "'sliding_window'"),
            Refused.of("granite/2b", "residual_multiplier", "0.2", "'residual_multiplier'"),
            Refused.of("granite/2b", "num_local_experts", 4, "'num_local_experts'"),
            Refused.of("stablelm/3b", "norm_eps", 1e-5, "'norm_eps'"),
            Refused.of("stablelm/12b", "use_parallel_residual", false, "no tensor 'model.layers.0.post_attention"),
            Refused.of("stablelm/3b", "use_parallel_residual", true, "does not belong to a StableLm"),
            Refused.of("cohere/command_r", "use_qk_norm", true, "no tensor 'model.layers.0.self_attn.q_norm.weight'"),
            Refused.of("cohere/command_r", "sliding_window_pattern", 4, "'sliding_window_pattern'"),
            Refused.of("cohere2/r7b", "order_of_interleaved_layers", "global_first", "'local_attn_first'"),
            Refused.of("cohere2/r7b", "position_embedding_type", "rope_neox", "'rope_gptj'"),
            Refused.of("cohere2/r7b", "rotary_pct", 0.5, "'rotary_pct': expected 1"),
            Refused.of("cohere2/r7b", "use_embedding_sharing", false, "'use_embedding_sharing': expected true"),
            Refused.of("cohere2/r7b", "use_gated_activation", false, "'use_gated_activation': expected true"),
            Refused.of("cohere2/r7b", "use_parallel_block", false, "'use_parallel_block': expected true"),
            Refused.of("cohere2/r7b", "use_parallel_embedding", true, "'use_parallel_embedding'"),
            Refused.of("cohere2/r7b", "use_qk_norm", true, "'use_qk_norm'"),
            Refused.of("cohere2/r7b", "sliding_window_pattern", 0, "'sliding_window_pattern'"));

    @TempDir
    private Path folder;

    private ModelFile with(String name, Map<String, ?> changed) throws IOException {
        var from = Path.of("src/test/resources/family", name);
        var config = new LinkedHashMap<>(Fixture.config(from));
        config.putAll(changed);
        var made = Files.createTempDirectory(folder, "model");
        Files.copy(from.resolve("model.safetensors"), made.resolve("model.safetensors"));
        Files.writeString(made.resolve("config.json"), Json.pretty(config));
        return ModelFile.open(made);
    }

    @ParameterizedTest
    @FieldSource("REFUSED")
    void itIsRefusedWithTheReason(Refused refused) {
        assertThatThrownBy(() -> with(refused.name, refused.changed).close()).isInstanceOf(IOException.class)
                .hasMessageContaining(refused.reason);
    }

    /// transformers takes 4096 then, whatever the scaling itself says.
    @Test
    void longRopeOfPhiSaysOutsideHowLongTheFirstTrainingWas() throws IOException {
        var changed = new LinkedHashMap<String, Object>();
        changed.put("original_max_position_embeddings", null);
        assertThatThrownBy(() -> with("phi3/phi4_mini_five", changed).close()).isInstanceOf(IOException.class)
                .hasMessageContaining("'original_max_position_embeddings'");
    }

    @Test
    void layersThatSlideNeedAWindow() {
        var changed = new LinkedHashMap<String, Object>();
        changed.put("sliding_window", null);
        assertThatThrownBy(() -> with("cohere2/r7b", changed).close()).isInstanceOf(IOException.class)
                .hasMessageContaining("'layer_types'");
    }

    /// The first files of Phi-3, and those that were tuned from it elsewhere.
    @Test
    void longRopeBySuAndTheCodeOfTheFirstFilesAreKnown() throws IOException {
        var scaling = Map.of("type", "su", "short_factor", List.of(1, 1, 1, 1), "long_factor", List.of(1, 2, 3, 4));
        var code = Map.of("AutoModelForCausalLM", "someone/phi--modeling_phi3.Phi3ForCausalLM");
        try (var file = with("phi3/mini_128k_long", Map.of("rope_scaling", scaling, "auto_map", code))) {
            assertThat(file.architecture().config(LayerSet.EMPTY, List.of())).containsEntry("rope_scaling", scaling);
        }
    }

    /// A pattern by number means other layers once some are gone.
    @Test
    void patternsByNumberAreWrittenOut() throws IOException {
        try (var file = with("smollm3/interval", Map.of()); var windows = with("cohere2/r7b", Map.of())) {
            assertThat(file.architecture().config(LayerSet.of(0, 2), List.of())).containsEntry("no_rope_layers",
                    List.of(1, 1, 1));
            assertThat(windows.architecture().config(LayerSet.of(0, 5), List.of())).containsEntry("layer_types",
                    List.of(SLIDING, SLIDING, FULL, SLIDING));
        }
    }
}
