package dev.sglp.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sglp.checkpoint.Checkpoints;
import dev.sglp.checkpoint.SafeTensorsWriter;
import dev.sglp.checkpoint.Weights;
import dev.sglp.tensor.Tensors;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A checkpoint that says how accurate it is, on images of noise: a fifth of them is right by chance.
final class OwnAccuracyTest {
    @TempDir
    static Path folder;
    private static String images = "";
    private static Path good;
    private static Path chance;

    @BeforeAll
    static void makeModels() throws IOException {
        var made = PicoAndNoise.make(folder);
        images = "images:" + made.images();
        good = saying(made.model(), "good", "93.62");
        chance = saying(made.model(), "chance", "0.2");
    }

    /// A copy with `best_prec1` beside its tensors.
    private static Path saying(Path model, String name, String accuracy) throws IOException {
        var copy = Files.createDirectories(folder.resolve(name)).resolve("model.safetensors");
        Files.copy(model.resolveSibling("config.json"), copy.resolveSibling("config.json"));
        try (var file = Checkpoints.open(model);
                var weights = Weights.forTraining(file);
                var arena = Arena.ofShared()) {
            SafeTensorsWriter.write(copy, List.copyOf(file.tensors().values()), Map.of("best_prec1", accuracy),
                    tensor -> Tensors.bytes(weights.get(tensor), file.tensors().get(tensor).dtype(), arena));
        }
        return copy;
    }

    private static JsonNode json(Path file) throws IOException {
        return new ObjectMapper().readTree(file.toFile());
    }

    @Test
    void evaluateComparesItWithWhatWasMeasured() throws IOException {
        var record = folder.resolve("record.json");
        var run = Run.of("evaluate", good, "--data", images, "--no-latency", "--json", record);
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.out()).contains("of its own       93.62 %   (best_prec1 of the checkpoint)\n",
                "warning: The checkpoint says 93.62 % (best_prec1), measured were ", "--normalise");
        assertThat(json(record).at("/checkpoint_accuracy/key").asText()).isEqualTo("best_prec1");
        assertThat(json(record).at("/checkpoint_accuracy/accuracy").asDouble()).isEqualTo(0.9362);
        assertThat(json(record).at("/checkpoint_accuracy/agrees").asBoolean()).isFalse();
        var same = Run.of("evaluate", chance, "--data", images, "--no-latency", "--json", record);
        assertThat(same.out()).contains("of its own       20.00 %").doesNotContain("warning");
        assertThat(json(record).at("/checkpoint_accuracy/agrees").asBoolean()).isTrue();
    }

    @Test
    void aWarningIsYellowOnATerminalUnlessTheCommandIsQuiet() {
        System.setProperty("sglp.colour", "out");
        try {
            var words = List.of("evaluate", good, "--data", images, "--no-latency");
            assertThat(Run.of(words.toArray()).out()).contains("\n\u001b[1;33mwarning:\u001b[0m The checkpoint");
            var quiet = new ArrayList<Object>(words);
            quiet.add("--quiet");
            assertThat(Run.of(quiet.toArray()).out()).contains("\nwarning: The checkpoint");
        } finally {
            System.clearProperty("sglp.colour");
        }
    }

    @Test
    void pruneAndFinetuneSayItToo() throws IOException {
        var out = folder.resolve("pruned");
        var pruned = Run.of("prune", good, "--data", images, "--remove", "0", "--no-latency", "--out", out);
        assertThat(pruned.out()).as(pruned.err()).contains("warning: The checkpoint says 93.62 % (best_prec1)");
        assertThat(json(out.resolve("prune.json")).get("notes").toString()).contains("The checkpoint says 93.62 %");
        assertThat(Files.readString(out.resolve("report.html"))).contains("The checkpoint says 93.62 %");
        assertThat(Run.of("evaluate", out, "--data", images, "--no-latency").out()).doesNotContain("of its own");
        var tuned = Run.of("finetune", good, "--data", images, "--epochs", "1", "--out", folder.resolve("tuned"));
        assertThat(tuned.out()).as(tuned.err()).contains("warning: The checkpoint says 93.62 % (best_prec1)");
    }
}
