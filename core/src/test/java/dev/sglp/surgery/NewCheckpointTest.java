package dev.sglp.surgery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sglp.Scoped;
import dev.sglp.tensor.Seed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiConsumer;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(Scoped.class)
final class NewCheckpointTest {
    @TempDir
    private Path folder;

    /// Weights that cannot be read in the middle of being written.
    private static LinkedHashMap<String, Tensor> broken() {
        return new LinkedHashMap<>() {
            @Override
            public void forEach(BiConsumer<? super String, ? super Tensor> action) {
                throw new IllegalStateException("broken");
            }
        };
    }

    @Test
    void aConfigurationWithoutItsWeightsDoesNotStay() throws IOException {
        var out = folder.resolve("out");
        assertThatThrownBy(() -> NewCheckpoint.write(broken(), out, "{}".getBytes(), Map.of())).hasMessage("broken");
        assertThat(out.resolve("config.json")).doesNotExist();
        var weights = new LinkedHashMap<String, Tensor>();
        weights.put("weight", Seed.of(1).normal("weight", 1, 2, 3));
        NewCheckpoint.write(weights, out, "{\"a\": 1}".getBytes(), Map.of());
        assertThatThrownBy(() -> NewCheckpoint.write(broken(), out, "{}".getBytes(), Map.of())).hasMessage("broken");
        assertThat(Files.readString(out.resolve("config.json"))).isEqualTo("{\"a\": 1}");
        assertThat(out.resolve("model.safetensors")).isNotEmptyFile();
    }
}
