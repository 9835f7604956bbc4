package dev.sglp.family.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sglp.checkpoint.Checkpoints;
import dev.sglp.checkpoint.Weights;
import dev.sglp.family.ModelFile;
import dev.sglp.model.LayerSet;
import dev.sglp.model.Pass;
import dev.sglp.report.Json;
import dev.sglp.surgery.Surgeon;
import dev.sglp.tensor.Autograd;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Tensors;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Pico networks of the families as llama.cpp's converter writes them: their logits are those that transformers has for the
/// network that was written (`tools/make_gguf_family_fixtures.py`). With `-Dsglp.written=DIR` what is written of them stays there.
final class GgufFamiliesTest {
    private static final Path HERE = Path.of("src/test/resources/gguf/family");

    @TempDir
    private Path folder;

    static List<String> names() throws IOException {
        try (var all = Files.list(HERE)) {
            return all.map(p -> p.getFileName().toString()).filter(n -> n.endsWith(".gguf"))
                    .map(n -> n.replace(".gguf", "")).sorted().toList();
        }
    }

    @ParameterizedTest
    @MethodSource("names")
    void theLogitsAreThoseOfTransformers(String name) throws IOException {
        try (var _ = Scope.open();
                var file = ModelFile.open(HERE.resolve(name + ".gguf"));
                var weights = file.forTraining();
                var values = Checkpoints.open(HERE.resolve("logits.safetensors"));
                var expected = Weights.forTraining(values)) {
            var model = file.architecture().build(weights);
            var tokens = expected.get(name + ".tokens");
            var logits = Autograd.off(() -> model.forward(tokens, Pass.evaluation()));
            assertThat(Fixture.apart(logits, expected.get(name))).isLessThan(1e-5);
        }
    }

    /// Written without a layer, as a folder that transformers opens, it is the same network without that layer.
    @ParameterizedTest
    @MethodSource("names")
    void withoutALayerItIsWrittenAndReadBack(String name) throws IOException {
        var written = System.getProperty("sglp.written") == null
                ? folder
                : Path.of(System.getProperty("sglp.written"), name);
        try (var _ = Scope.open();
                var file = ModelFile.open(HERE.resolve(name + ".gguf"));
                var weights = file.forTraining()) {
            var removed = LayerSet.of(1);
            var model = file.architecture().build(weights).without(removed);
            var tokens = Tensors.longs(new long[]{3, 1, 4, 1, 5, 9, 2, 6}).unsqueeze(0);
            var logits = Autograd.off(() -> model.forward(tokens, Pass.evaluation()));
            var config = Json.pretty(file.architecture().config(removed, List.of()));
            new Surgeon(file, weights).write(removed, model, written,
                    Map.of("config.json", config.getBytes(StandardCharsets.UTF_8)));
            try (var again = ModelFile.open(written); var loaded = again.forReading()) {
                var same = again.architecture().build(loaded);
                assertThat(Tensors.toDoubles(Autograd.off(() -> same.forward(tokens, Pass.evaluation()))))
                        .containsExactly(Tensors.toDoubles(logits));
            }
        }
    }
}
