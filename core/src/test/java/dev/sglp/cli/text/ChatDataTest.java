package dev.sglp.cli.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sglp.cli.Run;
import dev.sglp.data.text.ConversationsTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a user sees of data that are conversations.
final class ChatDataTest {
    private static final Path FIXTURES = Path.of("src/test/resources/text");
    @TempDir
    private Path folder;
    private Path network;

    @BeforeEach
    void write() throws IOException {
        network = Files.createDirectories(folder.resolve("network"));
        try (var files = Files.list(FIXTURES.resolve("gsm8k/network"))) {
            for (var file : files.toList()) {
                Files.copy(file, network.resolve(file.getFileName()));
            }
        }
        Files.copy(FIXTURES.resolve("conversations/plain.jinja"), network.resolve("chat_template.jinja"));
    }

    private Path talk() throws IOException {
        return Files.writeString(folder.resolve("talk.jsonl"), IntStream.range(0, 80).mapToObj(i -> """
                {"talk": [{"role": "user", "content": "Ada has %d pens and gets %d more. How many?"}, \
                {"role": "assistant", "content": "%d + %d = %d."}]}
                """.formatted(i, 2 * i, i, 2 * i, 3 * i)).collect(Collectors.joining()));
    }

    private static JsonNode json(Path file) throws IOException {
        return new ObjectMapper().readTree(file.toFile());
    }

    /// The mean that PyTorch finds over the same tokens.
    @Test
    void perplexityIsThatOfTheAnswers() throws IOException {
        var record = folder.resolve("found.json");
        var run = Run.of("evaluate", network, "--data", "chat:" + ConversationsTest.file(), "--window", 48,
                "--no-latency", "--json", record, "--quiet");
        assertThat(run.code()).as(run.err()).isZero();
        var expected = ConversationsTest.expected().path("learned").path("windows");
        assertThat(json(record).path("evaluation").path("loss").doubleValue()).isCloseTo(
                expected.path("loss").doubleValue() / expected.path("count").doubleValue(), within(1e-5));
        assertThat(run.out()).contains("143");
    }

    @Test
    void aNetworkIsPrunedAndHealedOnThem() throws IOException {
        var out = folder.resolve("small");
        var run = Run.of("finetune", network, "--data", "chat:" + talk() + "#talk", "--window", 48, "--max-steps", 4,
                "--batch-size", 2, "--out", out, "--quiet");
        assertThat(run.code()).as(run.err()).isZero();
        var record = json(out.resolve("finetune.json"));
        assertThat(record.toString()).contains("conversations, whose answers alone are predicted");
    }

    @Test
    void documentsArePackedAndTheTeachersStreamIsMet() throws IOException {
        var small = folder.resolve("small");
        assertThat(Run.of("apply", "--layers", 0, network, "--out", small, "--quiet").code()).isZero();
        var out = folder.resolve("tuned");
        var run = Run.of("finetune", small, "--teacher", network, "--data", "chat:" + talk() + "#talk", "--window", 96,
                "--max-steps", 3, "--batch-size", 2, "--pack", "documents", "--distil-hidden", 0.5, "--out", out);
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.out() + run.err()).contains("and none sees another");
        assertThat(json(out.resolve("finetune.json")).toString()).contains("several documents in a window",
                "the teacher's stream met by 0.5");
        var again = folder.resolve("again");
        assertThat(Run.of("finetune", small, "--teacher", network, "--data", "chat:" + talk() + "#talk", "--window", 96,
                "--max-steps", 3, "--batch-size", 2, "--pack", "documents", "--distil-hidden", 0.5, "--recompute",
                "--out", again, "--quiet").code()).isZero();
        assertThat(again.resolve("last/model.safetensors")).hasSameBinaryContentAs(
                out.resolve("last/model.safetensors"));
    }

    /// It may be the network itself before another training: their streams meet at the end.
    @Test
    void theStreamOfATeacherOfTheSameDepthIsMet() throws IOException {
        var out = folder.resolve("tuned");
        var run = Run.of("finetune", network, "--teacher", network, "--data", "chat:" + talk() + "#talk", "--window",
                96, "--max-steps", 2, "--batch-size", 2, "--distil-hidden", 0.5, "--out", out, "--quiet");
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(json(out.resolve("finetune.json")).toString()).contains("the teacher's stream met by 0.5");
    }

    /// Before the choice, which takes long.
    @Test
    void aLayerThatWillNotBeThereIsToldAtOnce() throws IOException {
        var out = folder.resolve("pruned");
        var run = Run.of("prune", network, "--data", "chat:" + talk() + "#talk", "--window", 96, "--preset", "fast",
                "--remove", 1, "--heal", "distil", "--max-steps", 1, "--distil-hidden", 1, "--distil-layers", 1,
                "--out", out, "--no-latency", "--quiet");
        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err()).contains("--distil-layers 1: the network has layers 0 to 0");
        assertThat(out.resolve("healing/analysis.json")).doesNotExist();
        var tuned = Run.of("finetune", network, "--teacher", network, "--data", "chat:" + talk() + "#talk",
                "--distil-hidden", 1, "--distil-layers", -1, "--out", out, "--quiet");
        assertThat(tuned.code()).isEqualTo(2);
        assertThat(tuned.err()).contains("--distil-layers -1: the network has layers 0 to 1");
    }

    @Test
    void whatPlaysNoPartIsRefused() throws IOException {
        var out = folder.resolve("tuned");
        var data = "chat:" + talk();
        assertThat(Run.of("finetune", network, "--data", data, "--distil-hidden", 1, "--out", out, "--quiet").err())
                .contains("--distil-hidden follows a teacher's stream: it needs --teacher MODEL");
        assertThat(Run.of("finetune", network, "--teacher", network, "--data", data, "--distil-layers", 1, "--out", out,
                "--quiet").err()).contains("belongs to --distil-hidden W");
        for (var flag : List.of("--pack=documents", "--recompute", "--distil-hidden=1")) {
            assertThat(Run.of("finetune", network, "--teacher", network, "--data", data, flag, "--train", "blockwise",
                    "--out", out, "--quiet").err()).contains(flag.replaceFirst("=.*", ""), "blockwise");
        }
    }

    @Test
    void withoutATemplateTheyAreRefused() throws IOException {
        Files.delete(network.resolve("chat_template.jinja"));
        var run = Run.of("evaluate", network, "--data", "chat:" + talk() + "#talk", "--quiet");
        assertThat(run.code()).isEqualTo(3);
        assertThat(run.err()).contains("has no chat template", "Leave --chat or chat: out");
        var images = Run.of("generate", network, "--prompts", "chat:" + talk(), "--quiet");
        assertThat(images.code()).isEqualTo(2);
        assertThat(images.err()).contains("is conversations, and here texts are read");
    }
}
