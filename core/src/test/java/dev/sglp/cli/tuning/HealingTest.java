package dev.sglp.cli.tuning;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sglp.cli.PicoAndWords;
import dev.sglp.cli.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What `prune` writes of a network that it trains.
final class HealingTest {
    @TempDir
    private Path folder;

    private JsonNode pruned(PicoAndWords words, Path dense, String out, Object... more) throws IOException {
        var all = new ArrayList<Object>(List.of("prune", dense, "--data", "text:" + words.text(),
                "--window", 16, "--limit", 10, "--remove", 1, "--preset", "fast", "--no-latency", "--quiet", "--out",
                folder.resolve(out)));
        all.addAll(List.of(more));
        var run = Run.of(all.toArray());
        assertThat(run.code()).as(run.err()).isZero();
        return new ObjectMapper().readTree(folder.resolve(out).resolve("prune.json").toFile());
    }

    /// Steps that are far too long: the network as it was repaired is what is written.
    @Test
    void aTrainingThatMakesNothingBetterChangesNothing() throws IOException {
        var words = PicoAndWords.make(folder);
        var dense = words.model("llama3");
        var plain = pruned(words, dense, "plain");
        var healed = pruned(words, dense, "healed", "--heal", "full", "--learning-rate", 30, "--train-tokens",
                1000);
        assertThat(healed.at("/training/taken").asInt(-1)).as(healed.at("/training").toString()).isZero();
        assertThat(healed.at("/training/epochs").size()).isPositive();
        assertThat(healed.at("/after/loss")).isEqualTo(plain.at("/after/loss"));
        assertThat(Files.mismatch(folder.resolve("plain/model.safetensors"),
                folder.resolve("healed/model.safetensors"))).isEqualTo(-1);
        assertThat(Files.readString(folder.resolve("healed/report.html"))).contains(
                "The weights of the written network are those it came with",
                "the weights of what is written are those it came with");
        assertThat(folder.resolve("healed/healing")).doesNotExist();
    }

    /// One word for two flags.
    @Test
    void whatIsTrainedIsShortForATeacherAndThat() throws IOException {
        var words = PicoAndWords.make(folder);
        var dense = words.model("llama3");
        for (var what : List.of("partial", "lora", "blockwise")) {
            var brief = pruned(words, dense, what, "--heal", what, "--train-tokens", 1000);
            assertThat(brief.path("heal").asText()).isEqualTo("distil");
            pruned(words, dense, what + "-long", "--heal", "distil", "--train", what, "--train-tokens", 1000);
            assertThat(folder.resolve(what).resolve("model.safetensors"))
                    .hasSameBinaryContentAs(folder.resolve(what + "-long/model.safetensors"));
        }
        var run = Run.of("prune", dense, "--data", "text:" + words.text(), "--remove", 1, "--heal", "lora", "--train",
                "full", "--out", folder.resolve("no"));
        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err())
                .contains("--heal lora means --heal distil --train lora, but --train full was given. Leave one");
    }

    /// The last part is the best of a short and careful training.
    @Test
    void aTrainingThatHelpedEndsWithItsOwnWeights() throws IOException {
        var words = PicoAndWords.make(folder);
        var healed = pruned(words, words.model("llama3"), "healed", "--heal", "full", "--learning-rate", 1e-3,
                "--train-tokens", 1000);
        var epochs = healed.at("/training/epochs");
        assertThat(epochs.get(epochs.size() - 1).path("validation_loss").asDouble())
                .isLessThan(healed.at("/training/untrained/validation_loss").asDouble());
        assertThat(healed.at("/training/taken").isIntegralNumber()).isFalse();
    }
}
