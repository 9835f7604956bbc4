package dev.sglp.cli.typed;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sglp.cli.PicoAndWords;
import dev.sglp.cli.Subprocess;
import dev.sglp.family.ModelFile;
import dev.sglp.family.Streaming;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// A choice on a network that is read layer by layer, really killed.
@EnabledOnOs({OS.LINUX, OS.MAC})
final class KilledStreamedPruneTest {
    @TempDir
    private Path folder;

    private static List<String> words(PicoAndWords pico, Path network, long memory, Path out) {
        return List.of("prune", network.toString(), "--data", "text:" + pico.text(), "--window", "16", "--limit", "6",
                "--remove", "2", "--repair-samples", "8", "--memory",
                String.valueOf(memory), "--out", out.toString());
    }

    /// With what is kept first of the pass for similarity, of gaps as they would be repaired, of scores and of repaired layers.
    @ParameterizedTest
    @CsvSource({"similarity-, '  CKA of'", "state-, kept by a run that was stopped: they", "scores-, '  CKA of'",
            "repair-, repairs of single gaps"})
    void theSameCommandGoesOnToTheSameBytes(String kept, String word) throws IOException, InterruptedException {
        var pico = PicoAndWords.make(folder);
        var network = pico.model("llama3");
        long memory;
        try (var file = ModelFile.open(network)) {
            memory = Streaming.least(file) + 1;
        }
        var whole = Subprocess.start(folder, words(pico, network, memory, folder.resolve("whole")));
        assertThat(whole.end()).as("%s", whole.printed()).isZero();
        assertThat(whole.printed()).contains("layers are in memory at a time");
        var out = folder.resolve("killed");
        var run = Subprocess.start(folder, words(pico, network, memory, out));
        run.await(() -> holding(out.resolve("scoring"), kept) > (kept.equals("state-") ? 2 : 0)); // gaps, and that these are all
        run.kill();
        assertThat(out.resolve("model.safetensors")).as("killed before its end").doesNotExist();
        var again = Subprocess.start(folder, words(pico, network, memory, out));
        assertThat(again.end()).as("%s", again.printed()).isZero();
        assertThat(again.printed().contains(word)).as("%s", again.printed()).isEqualTo(kept.equals("state-"));
        assertThat(whole.printed().contains(word)).isNotEqualTo(kept.equals("state-"));
        assertThat(out.resolve("model.safetensors"))
                .hasSameBinaryContentAs(folder.resolve("whole/model.safetensors"));
    }

    private static long holding(Path place, String beginning) {
        try (var files = Files.list(place)) {
            return files.filter(file -> file.getFileName().toString().startsWith(beginning)).count();
        } catch (IOException e) {
            return 0; // not there yet
        }
    }
}
