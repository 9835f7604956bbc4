package dev.sglp.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a look at a language model's file tells.
final class InspectTest {
    private static final Path GGUF = Path.of("src/test/resources/gguf");

    /// Its vectors are float32 and its matrices float16, by the script that made it.
    @Test
    void aGgufFileIsTellingItsNameContextAndQuantisation(@TempDir Path folder) throws IOException {
        var record = folder.resolve("record.json");
        var run = Run.of("inspect", GGUF.resolve("pico-qwen3.gguf"), "--json", record);
        assertThat(run.code()).as(run.err()).isZero();
        long vectors = 0;
        long all = 0;
        for (var tensor : new ObjectMapper().readTree(GGUF.resolve("pico.json").toFile()).path("pico-qwen3.gguf")) {
            long numbers = 1;
            for (var size : tensor.path("shape")) {
                numbers *= size.longValue();
            }
            vectors += tensor.path("shape").size() == 1 ? numbers : 0;
            all += numbers;
        }
        assertThat(run.out()).contains("'pico é'; context of 128 tokens; weights %.2f %% F16, %.2f %% F32"
                .formatted(100.0 * (all - vectors) / all, 100.0 * vectors / all));
        var json = new ObjectMapper().readTree(record.toFile());
        assertThat(json.path("context").intValue()).isEqualTo(128);
        assertThat(json.path("types").path("F16").doubleValue()).isEqualTo((all - vectors) / (double) all);
        assertThat(json.path("notes")).isEmpty();
    }

    @Test
    void otherLanguageModelsTellTheirContext() {
        var run = Run.of("inspect", Path.of("src/test/resources/decoder/llama3"));
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.out()).contains("context of 64 tokens").doesNotContain("weights 1");
        assertThat(Run.of("inspect", Path.of("src/test/resources/training/weights.pt")).out())
                .doesNotContain("context");
    }
}
