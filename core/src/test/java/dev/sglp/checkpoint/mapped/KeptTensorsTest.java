package dev.sglp.checkpoint.mapped;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sglp.output.OutputException;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Tensors;
import dev.sglp.tensor.file.TemporaryFile;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

final class KeptTensorsTest {
    @Test
    void moreThanTheDiskHasIsRefusedWithWhatToDo() {
        try (var kept = new KeptTensors()) {
            assertThat(kept.reserve("activations", 1, 0)).startsWith("Up to 1 bytes wait in ").contains("activations");
            assertThatThrownBy(() -> kept.reserve("activations", Long.MAX_VALUE, 0))
                    .isInstanceOf(UncheckedIOException.class).cause().isInstanceOf(OutputException.class)
                    .hasMessageContaining(TemporaryFile.FOLDER.toString()).hasMessageContaining("for activations")
                    .hasMessageContaining("java.io.tmpdir=FOLDER");
        }
    }

    @Test
    void whatWaitsIsReadBackAndWhatIsKeptStays() {
        try (var kept = new KeptTensors(); var _ = Scope.open()) {
            var numbers = Tensors.floats(new float[]{1, 2, 3}, 3);
            var slot = kept.set(numbers);
            var view = kept.keep(numbers);
            numbers.zero_();
            assertThat(Tensors.toDoubles(kept.read(slot))).containsExactly(1, 2, 3);
            assertThat(Tensors.toDoubles(view)).containsExactly(1, 2, 3);
            kept.free(slot);
            kept.set(numbers);
            assertThat(Tensors.toDoubles(kept.read(slot))).as("its place is used again").containsExactly(0, 0, 0);
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void aFolderInMemoryIsToldFromOthers() {
        assertThat(FileSystems.memory(Path.of("/dev/shm"))).isTrue();
        assertThat(FileSystems.memory(Path.of("/proc"))).isFalse();
        assertThat(FileSystems.memory(Path.of("/no such folder"))).isFalse();
    }
}
