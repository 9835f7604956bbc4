package dev.sglp.surgery;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sglp.Oracle;
import dev.sglp.checkpoint.OutputFormat;
import dev.sglp.family.ModelFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// An output never overwrites its input, however it is called.
final class SurgeonOutputTest {
    @TempDir
    Path folder;

    private Path input;

    @BeforeEach
    void aModel() throws IOException {
        input = Files.createDirectory(folder.resolve("in"));
        Files.copy(Oracle.file("pico_resnet.safetensors"), input.resolve(Surgeon.WEIGHTS));
    }

    private void refused(Path model, Path directory, String why) throws IOException {
        try (var file = ModelFile.open(model)) {
            assertThatThrownBy(() -> Surgeon.checkOutput(file, directory, OutputFormat.SAFETENSORS))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining(directory.toString()).hasMessageContaining(why)
                    .hasMessageContaining("Choose another --out");
        }
    }

    @Test
    void theInputsFolderIsRefused() throws IOException {
        refused(input, input, "is the input");
        refused(input.resolve(Surgeon.WEIGHTS), input, "is the input");
        refused(input, folder.resolve("in/../in"), "is the input");
    }

    @Test
    void theInputsFolderByAnotherNameIsRefused() throws IOException {
        var link = Files.createSymbolicLink(folder.resolve("link"), input);
        refused(input, link, "is the input");
        refused(link, input, "is the input");
    }

    @Test
    void anotherNameOfTheInputIsRefused() throws IOException {
        var other = Files.createDirectory(folder.resolve("other"));
        Files.createLink(other.resolve(Surgeon.WEIGHTS), input.resolve(Surgeon.WEIGHTS));
        refused(input, other, "is the input");
    }

    @Test
    void aFileIsNoOutputFolder() throws IOException {
        refused(input, Files.createFile(folder.resolve("file")), "expected a directory");
    }

    @Test
    void aModelOfAnotherKindIsNotReplaced() throws IOException {
        var other = Files.createDirectory(folder.resolve("other"));
        Files.writeString(other.resolve("config.json"), "{\"model_type\": \"llama\"}");
        refused(input, other, "of another kind (config.json)");
        Files.delete(other.resolve("config.json"));
        Files.writeString(other.resolve("model.safetensors.index.json"), "{}");
        refused(input, other, "(model.safetensors.index.json)");
        Files.delete(other.resolve("model.safetensors.index.json"));
        Files.copy(input.resolve(Surgeon.WEIGHTS), other.resolve(Surgeon.WEIGHTS));
        refused(input, other, "(model.safetensors)");
        Files.writeString(other.resolve("config.json"), "{\"family\": \"cifar-resnet\"}");
        try (var file = ModelFile.open(input)) {
            assertThatCode(() -> Surgeon.checkOutput(file, other, OutputFormat.SAFETENSORS))
                    .as("written here").doesNotThrowAnyException();
        }
    }

    @Test
    void anyOtherFolderIsFine() throws IOException {
        try (var file = ModelFile.open(input)) {
            assertThatCode(() -> Surgeon.checkOutput(file, folder.resolve("new/folder"), OutputFormat.SAFETENSORS))
                    .doesNotThrowAnyException();
            assertThatCode(() -> Surgeon.checkOutput(file, folder, OutputFormat.SAFETENSORS))
                    .doesNotThrowAnyException();
        }
    }
}
