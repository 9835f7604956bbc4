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
