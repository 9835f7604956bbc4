package dev.sglp.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sglp.Oracle;
import dev.sglp.family.ModelFile;
import dev.sglp.model.LayerSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Every format in which networks are written.
final class OutputFormatTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @EnumSource
    void aDirectoryWithItsFileIsOpened(OutputFormat format) throws IOException {
        try (var file = Checkpoints.open(Oracle.file("pico_resnet.safetensors"))) {
            format.write(folder.resolve(format.fileName()), file.tensors().values().stream().toList(), name -> {
                try {
                    return file.read(name);
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
            });
            try (var back = Checkpoints.open(folder)) {
                assertThat(back.path().getFileName()).hasToString(format.fileName());
                assertThat(back.tensors()).isEqualTo(file.tensors());
                for (var name : file.tensors().keySet()) {
                    assertThat(back.read(name).mismatch(file.read(name))).as(name).isEqualTo(-1);
                }
            }
        }
    }

    @Test
    void theLinesThatOpenItNameTheFileThatWasWritten() throws IOException {
        try (var file = ModelFile.open(Oracle.file("pico_resnet.safetensors"))) {
            var lines = file.architecture().openWith(LayerSet.of(1));
            for (var format : OutputFormat.values()) {
                assertThat(format.openWith(lines)).contains("\"" + format.fileName() + "\"");
            }
            assertThat(OutputFormat.PTH.openWith(lines)).contains("import torch", "weights_only=True")
                    .doesNotContain("safetensors");
        }
    }

    @Test
    void aDirectoryHoldsOneNetwork() throws IOException {
        OutputFormat.PTH.checkDirectory(folder.resolve("new"));
        Files.createFile(folder.resolve("model.safetensors"));
        OutputFormat.SAFETENSORS.checkDirectory(folder);
        assertThatThrownBy(() -> OutputFormat.PTH.checkDirectory(folder)).isInstanceOf(IOException.class)
                .hasMessageContaining(folder.toString()).hasMessageContaining("model.safetensors");
    }
}
