package dev.sglp.family.decoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sglp.checkpoint.Checkpoints;
import dev.sglp.checkpoint.SafeTensorsWriter;
import dev.sglp.checkpoint.Weights;
import dev.sglp.cli.Run;
import dev.sglp.family.ModelFile;
import dev.sglp.model.LayerSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Tensors that some files hold although they follow from others.
final class RedundantTensorsTest {
    private static final String EMBEDDING = "model.embed_tokens.weight";
    private static final String OUTPUT = "lm_head.weight";
    private static final String FREQUENCIES = "model.layers.0.self_attn.rotary_emb.inv_freq";

    @TempDir
    private Path folder;

    /// The tied pico network with further tensors, each with the bytes of another.
    private ModelFile with(Map<String, String> copies) throws IOException {
        try (var pico = Checkpoints.open(Pico.folder("llama3").resolve("model.safetensors"))) {
            var sources = new LinkedHashMap<String, String>();
            pico.tensors().keySet().forEach(n -> sources.put(n, n));
            sources.putAll(copies);
            var infos = sources.entrySet().stream().map(e -> pico.tensors().get(e.getValue()).renamed(e.getKey()))
                    .toList();
            var bytes = new LinkedHashMap<String, java.lang.foreign.MemorySegment>();
            for (var e : sources.entrySet()) {
                bytes.put(e.getKey(), pico.read(e.getValue()));
            }
            SafeTensorsWriter.write(folder.resolve("model.safetensors"), infos, Map.of("format", "pt"), bytes::get);
        }
        Files.copy(Pico.folder("llama3").resolve("config.json"), folder.resolve("config.json"));
        return ModelFile.open(folder.resolve("model.safetensors"));
    }

    @Test
    void theyAreReadOverAndNotWrittenAgain() throws IOException {
        try (var file = with(Map.of(OUTPUT, EMBEDDING, FREQUENCIES, "model.norm.weight"));
                var weights = Weights.forTraining(file.checkpoint());
                var pico = Pico.open("llama3")) {
            assertThat(file.architecture().build(weights).parameterCount()).isEqualTo(pico.model().parameterCount());
            assertThat(file.architecture().bytes()).isEqualTo(pico.file().architecture().bytes());
            assertThat(file.architecture().renamed(LayerSet.EMPTY)).isNotEmpty().doesNotContainKey(OUTPUT)
                    .doesNotContainKey(FREQUENCIES);
        }
    }

    /// Before anything is written.
    @Test
    void anOutputMatrixThatIsNotTheTiedOneIsRefused() throws IOException {
        with(Map.of(OUTPUT, EMBEDDING)).close();
        var model = folder.resolve("model.safetensors");
        Run converted = Run.of("convert", model, "--out", folder.resolve("same"), "--quiet");
        assertThat(converted.code()).as(converted.err()).isZero();
        byte[] bytes = Files.readAllBytes(model);
        bytes[bytes.length - 1] ^= 1; // the last tensor's
        Files.write(model, bytes);
        try (var file = ModelFile.open(model)) {
            assertThat(file.checkpoint().tensors().lastEntry().getKey()).isEqualTo(OUTPUT);
            assertThatThrownBy(file::forReading).isInstanceOf(IOException.class)
                    .hasMessageContaining(model.toString())
                    .hasMessageContaining("tie_word_embeddings").hasMessageContaining(OUTPUT);
        }
        var out = folder.resolve("out");
        var refused = Run.of("convert", model, "--out", out, "--quiet");
        assertThat(refused.code()).isEqualTo(3);
        assertThat(refused.err()).contains("[" + model, "tie_word_embeddings");
        assertThat(out).doesNotExist();
    }
}
