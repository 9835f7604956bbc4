package dev.sglp.family.decoder;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sglp.checkpoint.Checkpoint;
import dev.sglp.checkpoint.Checkpoints;
import dev.sglp.checkpoint.SafeTensorsWriter;
import dev.sglp.checkpoint.Weights;
import dev.sglp.family.ModelFile;
import dev.sglp.model.LayerSet;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.Pass;
import dev.sglp.report.Json;
import dev.sglp.surgery.Surgeon;
import dev.sglp.tensor.Autograd;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Tensors;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The many ways in which files say an ordinary network, against transformers' logits; `tools/make_variant_fixtures.py` made
/// them.
final class DecoderVariantsTest {
    private static final Path HERE = Pico.folder("variants");
    private static final LayerSet SECOND = LayerSet.of(1);

    @TempDir
    private Path folder;

    /// @param changed fields of the configuration with other values
    /// @param absent  fields that are not there
    /// @param names   name in the file → name in the pico network; empty where they are the same
    record Variant(String base, Map<String, Object> changed, List<String> absent, Map<String, String> names) {}

    static Map<String, Variant> variants() throws IOException {
        return new ObjectMapper().readValue(HERE.resolve("variants.json").toFile(),
                new TypeReference<LinkedHashMap<String, Variant>>() {
                });
    }

    static Set<String> labels() throws IOException {
        return variants().keySet();
    }

    private ModelFile made(Variant variant) throws IOException {
        var config = Pico.config(variant.base);
        config.putAll(variant.changed);
        config.keySet().removeAll(variant.absent);
        Files.writeString(folder.resolve("config.json"), Json.pretty(config));
        try (var pico = Checkpoints.open(Pico.folder(variant.base).resolve("model.safetensors"))) {
            var names = new LinkedHashMap<>(variant.names);
            if (names.isEmpty()) {
                pico.tensors().keySet().forEach(n -> names.put(n, n));
            }
            var infos = names.entrySet().stream().map(e -> pico.tensors().get(e.getValue()).renamed(e.getKey()))
                    .toList();
            SafeTensorsWriter.write(folder.resolve("model.safetensors"), infos, Map.of("format", "pt"),
                    name -> read(pico, names.get(name)));
        }
        return ModelFile.open(folder);
    }

    private static MemorySegment read(Checkpoint from, String name) {
        try {
            return from.read(name);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Weights opened(Path file) throws IOException {
        try (var values = Checkpoints.open(file)) {
            return Weights.forTraining(values);
        }
    }

    private static Tensor logits(LayeredModel model, Tensor tokens) {
        return Autograd.off(() -> model.forward(tokens, Pass.evaluation()));
    }

    @ParameterizedTest
    @MethodSource("labels")
    void anUnusualWayToSayANetworkIsReadAsTransformersReadsIt(String label) throws IOException {
        var variant = variants().get(label);
        try (var _ = Scope.open();
                var file = made(variant);
                var weights = file.forReading();
                var expected = opened(HERE.resolve("logits.safetensors"));
                var pico = opened(Pico.folder(variant.base).resolve("expected.safetensors"))) {
            var tokens = pico.get("tokens").narrow(0, 0, 1).narrow(1, 0, 12);
            var model = file.architecture().build(weights);
            assertThat(Pico.apart(logits(model, tokens), expected.get(label))).isLessThan(1e-4);
            var out = folder.resolve("out");
            var config = Json.pretty(file.architecture().config(SECOND, List.of()));
            new Surgeon(file, weights).write(SECOND, model.without(SECOND), out,
                    Map.of("config.json", config.getBytes(StandardCharsets.UTF_8)));
            try (var written = ModelFile.open(out); var again = written.forReading()) {
                assertThat(written.notes()).isEmpty();
                assertThat(written.checkpoint().tensors().keySet())
                        .allMatch(n -> n.startsWith("model.") || n.equals("lm_head.weight"));
                assertThat(Tensors.toDoubles(logits(written.architecture().build(again), tokens)))
                        .containsExactly(Tensors.toDoubles(logits(model.without(SECOND), tokens)));
                assertThat(String.valueOf(written.checkpoint().config().get("architectures")))
                        .matches("null|\\[]|\\[\\w+ForCausalLM]");
            }
        }
    }

    /// Qwen3's heads have 128 numbers, Mistral's keys and values 8 heads, where nothing else is said.
    @ParameterizedTest
    @ValueSource(strings = {"head", "groups"})
    void whatAConfigurationDoesNotSayIsTheFamilysOwnDefault(String name) throws IOException {
        try (var _ = Scope.open();
                var file = ModelFile.open(HERE.resolve(name).resolve("model.safetensors"));
                var weights = file.forReading();
                var expected = opened(HERE.resolve(name).resolve("expected.safetensors"))) {
            var model = file.architecture().build(weights);
            assertThat(Pico.apart(logits(model, expected.get("tokens")), expected.get("logits"))).isLessThan(1e-4);
        }
    }

    @Test
    void aQuantisationBesidePlainNumbersIsToldAndLeftOut() throws IOException {
        var quantization = Map.of("quant_method", "bitsandbytes", "llm_int8_skip_modules", List.of("lm_head"));
        var variant = new Variant("llama2", Map.of("quantization_config", quantization, "transformers_weights",
                "model.safetensors"), List.of(), Map.of());
        try (var file = made(variant)) {
            assertThat(file.notes()).singleElement().asString().contains("quantization_config", "left out");
            assertThat(file.architecture().config(SECOND, List.of())).doesNotContainKey("quantization_config")
                    .doesNotContainKey("transformers_weights")
                    .containsEntry("num_hidden_layers", 3);
        }
    }

    @Test
    void namesThatAreNotTheUsualOnesAreTold() throws IOException {
        try (var file = made(variants().get("tied, a base model with the head alone"))) {
            assertThat(file.notes()).singleElement().asString().contains("is 'model.");
        }
        try (var file = made(variants().get("a prefix before all"))) {
            assertThat(file.notes()).singleElement().asString().contains("under 'model'", "left out");
        }
    }
}
