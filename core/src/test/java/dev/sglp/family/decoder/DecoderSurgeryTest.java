package dev.sglp.family.decoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sglp.family.Architecture;
import dev.sglp.family.ModelFile;
import dev.sglp.model.LayerSet;
import dev.sglp.report.Json;
import dev.sglp.surgery.Surgeon;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Tensors;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/// What is left of a decoder's files after layers are removed.
final class DecoderSurgeryTest {
    static final List<String> NAMES = Pico.NAMES;

    @TempDir
    private Path folder;

    @ParameterizedTest
    @FieldSource("NAMES")
    void withoutLayersItIsWrittenAndReadBackAsTheSameNetwork(String name) throws IOException {
        for (var removed : List.of(LayerSet.of(1, 2), LayerSet.of(0), LayerSet.of(0, 3))) {
            try (var _ = Scope.open(); var pico = Pico.open(name)) {
                var pruned = pico.model().without(removed);
                var out = folder.resolve("without " + removed);
                var config = Json.pretty(pico.file().architecture().config(removed, List.of()));
                new Surgeon(pico.file(), pico.weights()).write(removed, pruned, out,
                        Map.of("config.json", config.getBytes(StandardCharsets.UTF_8)));
                try (var written = ModelFile.open(out); var loaded = written.forReading()) {
                    var again = written.architecture().build(loaded);
                    assertThat(Tensors.toDoubles(pico.logits(again)))
                            .containsExactly(Tensors.toDoubles(pico.logits(pruned)));
                    assertThat(again.layers()).hasSize(4 - removed.size());
                    assertThat(loaded.all().keySet())
                            .containsExactlyElementsOf(pico.file().architecture().renamed(removed).values());
                    if (removed.equals(LayerSet.of(1, 2))) {
                        assertThat(Pico.apart(pico.logits(again), pico.expected().get("logits_without_1_2")))
                                .isLessThan(1e-4);
                    }
                }
            }
        }
    }

    /// A window is longer than the tokens of the proof, whose logits are the same without it.
    @Test
    void anotherWindowIsNotTheSameNetwork() throws IOException {
        var window = Map.<String, Object>of("sliding_window", 1000);
        try (var _ = Scope.open();
                var pico = Pico.open("mistral");
                var file = Pico.with("mistral", window, folder);
                var weights = file.forReading()) {
            var removed = LayerSet.of(1);
            var pruned = file.architecture().build(weights).without(removed);
            var config = new LinkedHashMap<>(file.architecture().config(removed, List.of()));
            config.put("sliding_window", 2000);
            var out = folder.resolve("other window");
            assertThatThrownBy(() -> new Surgeon(file, weights).write(removed, pruned, out,
                    Map.of("config.json", Json.pretty(config).getBytes(StandardCharsets.UTF_8))))
                    .isInstanceOf(IOException.class).hasMessageContaining("config.json")
                    .hasMessageContaining("another");
            assertThat(out).isEmptyDirectory();
            assertThat(pico.file().architecture().remains(LayerSet.EMPTY, pico.file().architecture())).isTrue();
        }
    }

    @ParameterizedTest
    @FieldSource("NAMES")
    void removingNothingKeepsEveryFieldButAnImpliedList(String name) throws IOException {
        var config = config(name, Map.of(), LayerSet.EMPTY);
        assertThat(config).containsAllEntriesOf(Pico.config(name));
        assertThat(config.keySet()).startsWith(Pico.config(name).keySet().toArray(String[]::new));
    }

    @Test
    void onlyTheNumberOfLayersChangesInAPlainConfig() throws IOException {
        var expected = Pico.config("llama3");
        expected.put("num_hidden_layers", 2);
        expected.put("chat_flavour", "kept");
        assertThat(config("llama3", Map.of("chat_flavour", "kept"), LayerSet.of(0, 2))).isEqualTo(expected);
    }

    @Test
    void theImpliedWindowsAreWrittenOutByOriginalIndices() throws IOException {
        assertThat(config("qwen2", Map.of(), LayerSet.of(0)))
                .containsEntry("layer_types", List.of("full_attention", "sliding_attention", "sliding_attention"))
                .containsEntry("max_window_layers", 1).containsEntry("num_hidden_layers", 3);
        assertThat(config("qwen2", Map.of(), LayerSet.of(3)))
                .containsEntry("layer_types", List.of("full_attention", "full_attention", "sliding_attention"))
                .containsEntry("max_window_layers", 2);
        assertThat(config("qwen2", Map.of("use_sliding_window", false), LayerSet.of(0, 3)))
                .doesNotContainKey("layer_types").containsEntry("max_window_layers", 1);
    }

    @Test
    void aBoundaryThatWasTakenForGrantedIsWrittenWhereItMatters() throws IOException {
        var missing = new java.util.LinkedHashMap<String, Object>();
        missing.put("max_window_layers", null);
        assertThat(config("qwen3", missing, LayerSet.of(0)).get("max_window_layers")).isEqualTo(27);
        assertThat(config("qwen2", missing, LayerSet.of(0)).get("max_window_layers")).isNull();
    }

    @Test
    void theListOfWindowsIsSliced() throws IOException {
        assertThat(config("qwen3", Map.of(), LayerSet.of(1, 2)))
                .containsEntry("layer_types", List.of("full_attention", "sliding_attention"))
                .containsEntry("max_window_layers", 2);
    }

    @Test
    void theLayersBehindARemovedOneMoveUp() throws IOException {
        try (var pico = Pico.open("qwen3")) {
            Architecture a = pico.file().architecture();
            var names = a.renamed(LayerSet.of(0, 2));
            assertThat(names).containsEntry("model.layers.1.self_attn.q_norm.weight",
                    "model.layers.0.self_attn.q_norm.weight")
                    .containsEntry("model.layers.3.mlp.up_proj.weight", "model.layers.1.mlp.up_proj.weight")
                    .containsEntry("model.norm.weight", "model.norm.weight")
                    .doesNotContainKey("model.layers.2.mlp.up_proj.weight").hasSize(3 + 2 * 11);
            assertThat(a.openWith(LayerSet.of(0))).contains("AutoModelForCausalLM").contains("3 layers");
        }
    }

    private Map<String, Object> config(String name, Map<String, Object> changed, LayerSet removed) throws IOException {
        try (var file = Pico.with(name, changed, folder)) {
            return file.architecture().config(removed, List.of());
        }
    }
}
