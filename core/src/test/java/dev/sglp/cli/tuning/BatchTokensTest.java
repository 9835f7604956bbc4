package dev.sglp.cli.tuning;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sglp.cli.PicoAndWords;
import dev.sglp.cli.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Steps of so many tokens, as a user asks for them.
final class BatchTokensTest {
    @TempDir
    private Path folder;
    private PicoAndWords pico;
    private Path dense;

    @BeforeEach
    void make() throws IOException {
        pico = PicoAndWords.make(folder);
        dense = pico.model("llama3");
    }

    private static int tokens(JsonNode record) {
        return record.at("/training/epochs").findValues("tokens").stream().mapToInt(JsonNode::asInt).sum();
    }

    /// Sixteen tokens a window: two are thirty-two, and three are too many. The batch size is that of the calibration alone.
    @Test
    void healingTakesTheSame() throws IOException {
        var run = Run.of("prune", dense, "--data", "text:" + pico.text(), "--window", 16, "--limit", 10, "--remove", 1,
                "--preset", "fast", "--no-latency", "--heal", "full", "--train-tokens", 1000,
                "--batch-tokens", 47, "--batch-size", 8, "--out", folder.resolve("out"));
        assertThat(run.code()).as(run.err()).isZero();
        var record = new ObjectMapper().readTree(folder.resolve("out/prune.json").toFile());
        assertThat(record.at("/training/steps").asInt()).isEqualTo(32); // of 63 windows
        assertThat(tokens(record)).isEqualTo(63 * 16);
        assertThat(run.err()).containsPattern("  (part|epoch) 1 of \\d+: loss .* s, [\\d,]+ tokens a second\n");
    }

    /// Documents differ in length, and so do steps in their number; a training of so many tokens a step takes the same way each time.
    @Test
    void aStepMayHaveSoManyTokens() throws IOException {
        var random = new Random(1);
        var file = folder.resolve("documents.jsonl");
        Files.writeString(file, IntStream.range(0, 200).mapToObj(_ -> "{\"text\": \"%s\"}\n".formatted(
                IntStream.range(0, 2 + random.nextInt(14)).mapToObj(_ -> "word" + random.nextInt(40))
                        .collect(Collectors.joining(" "))))
                .collect(Collectors.joining()));
        for (var name : new String[]{"one", "two"}) {
            var run = Run.of("finetune", dense, "--data", "jsonl:" + file, "--window", 16, "--verify-samples", 8,
                    "--batch-tokens", 40, "--epochs", 2, "--out", folder.resolve(name), "--quiet");
            assertThat(run.code()).as(run.err()).isZero();
        }
        assertThat(folder.resolve("one/last/model.safetensors"))
                .hasSameBinaryContentAs(folder.resolve("two/last/model.safetensors"));
        var record = new ObjectMapper().readTree(folder.resolve("one/finetune.json").toFile());
        assertThat(record.at("/settings/Epochs").asText()).isEqualTo("2, windows of at most 40 tokens a step");
        assertThat(tokens(record) / record.at("/training/steps").asDouble()).isBetween(25.0, 40.0);
    }

    private Run refused(Object... more) {
        return Run.of(Stream.concat(Stream.of("finetune", dense, "--data", "text:" + pico.text(), "--out",
                folder.resolve("refused")), Stream.of(more)).toArray());
    }

    @Test
    void whatContradictsItIsRefused() {
        var both = refused("--batch-tokens", 32, "--batch-size", 2);
        assertThat(both.code()).isEqualTo(2);
        assertThat(both.err()).contains("--batch-size says how many windows a step has, and so does --batch-tokens");
        var wrong = refused("--batch-tokens", "many");
        assertThat(wrong.err()).contains("--batch-tokens is a number of tokens, for instance 8192 or 8k, got many");
    }

    @Test
    void itBelongsToATrainingOfText() {
        var blockwise = refused("--batch-tokens", 32, "--train", "blockwise", "--teacher", dense);
        assertThat(blockwise.code()).isEqualTo(2);
        assertThat(blockwise.err()).contains("--batch-tokens plays no part in --train blockwise");
        var none = Run.of("prune", dense, "--data", "text:" + pico.text(), "--remove", 1, "--batch-tokens", 32, "--out",
                folder.resolve("none"));
        assertThat(none.code()).isEqualTo(2);
        assertThat(none.err()).contains("--batch-tokens belongs to a training");
    }
}
