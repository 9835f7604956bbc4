package dev.sglp.checkpoint;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What lies under the name of weights and is none.
final class TextForWeightsTest {
    private static final List<String> TEXTS = List.of("Hello, these are my notes.\n", "{\"model_type\": \"llama\"}",
            "PK is how a zip begins", "zehn Bären\tund\r\nmehr, länger als der Anfang, den man liest: ää", "(dp0\n.",
            "weights{", "x", "\uFEFFmarked");

    @TempDir
    private Path folder;

    private void refused(Path opened, Path named, String title) {
        assertThatThrownBy(() -> Checkpoints.open(opened).close()).isInstanceOf(IOException.class)
                .hasMessageContaining("[%s] is not %s: it is text".formatted(named, title));
    }

    @ParameterizedTest
    @CsvSource({"model.bin, a PyTorch file", "model.pt, a PyTorch file", "model.PTH, a PyTorch file",
            "model.th, a PyTorch file", "model.ckpt, a PyTorch file", "model.safetensors, a safetensors file",
            "model.gguf, a GGUF file", "notes, a checkpoint"})
    void textIsToldFromWeightsInWords(String name, String title) throws IOException {
        for (var text : TEXTS) {
            var file = Files.writeString(folder.resolve(name), text);
            refused(file, file, title);
        }
    }

    @Test
    void textInTheWeightsOfADirectoryIsToldToo() throws IOException {
        Files.writeString(folder.resolve("config.json"), "{\"model_type\": \"llama\"}");
        for (var name : List.of("pytorch_model.bin", "model.safetensors")) {
            for (var text : TEXTS) {
                var file = Files.writeString(folder.resolve(name), text);
                refused(folder, file, name.endsWith("bin") ? "a PyTorch file" : "a safetensors file");
            }
        }
    }

    @Test
    void shardsOfTextAreToldByName() throws IOException {
        Files.writeString(folder.resolve("config.json"), "{\"model_type\": \"llama\"}");
        Files.writeString(folder.resolve("pytorch_model.bin.index.json"), "{\"weight_map\": {\"a\": \"one.bin\"}}");
        var shard = Files.writeString(folder.resolve("one.bin"), "version of a shard\n");
        refused(folder, shard, "a PyTorch file");
    }

    @Test
    void otherBytesThanPyTorchsAreShown() throws IOException {
        Files.writeString(folder.resolve("config.json"), "{\"model_type\": \"llama\"}");
        Files.write(folder.resolve("pytorch_model.bin"), new byte[]{0x1f, (byte) 0x8b, 8, 0, 1, 2, 3, 4, 5});
        assertThatThrownBy(() -> Checkpoints.open(folder).close()).isInstanceOf(IOException.class)
                .hasMessageContaining("pytorch_model.bin] is not a PyTorch file: it begins with bytes 1f 8b 08 00");
    }

    /// Its first 64 bytes end inside a character.
    @Test
    void aCharacterCutByTheLookIsStillText() throws IOException {
        for (int blanks = 60; blanks < 64; blanks++) {
            var file = Files.write(folder.resolve("model.pt"),
                    (" ".repeat(blanks) + "車車車").getBytes(StandardCharsets.UTF_8));
            refused(file, file, "a PyTorch file");
        }
    }
}
