package dev.sglp.cli.generation;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sglp.cli.PicoAndWords;
import dev.sglp.cli.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a user sees of networks that write text.
final class GenerationCommandsTest {
    @TempDir
    private Path folder;
    private PicoAndWords pico;

    @BeforeEach
    void write() throws IOException {
        pico = PicoAndWords.make(folder);
    }

    private JsonNode json(Path file) throws IOException {
        return new ObjectMapper().readTree(file.toFile());
    }

    @Test
    void theTextIsToldAndRecorded() throws IOException {
        var record = folder.resolve("said.json");
        var run = Run.of("generate", pico.model("llama3"), "--prompt", "word1 word2", "--prompt", "word3", "--tokens",
                6,
                "--json", record, "--quiet");
        assertThat(run.code()).as(run.err()).isZero();
        var texts = json(record).path("texts");
        assertThat(texts).hasSize(2);
        for (var text : texts) {
            assertThat(text.path("network").path("tokens").intValue()).isEqualTo(6);
            assertThat(run.out()).contains("> " + text.path("prompt").textValue())
                    .contains(text.path("network").path("text").textValue());
            assertThat(text.has("dense")).isFalse();
        }
        assertThat(json(record).path("tokens_per_second").path("prefill").doubleValue()).as(json(record).toString())
                .isPositive();
        assertThat(json(record).path("tokens_per_second").path("decode").doubleValue()).isPositive();
    }

    @Test
    void besideItselfANetworkSaysTheSame() throws IOException {
        var record = folder.resolve("said.json");
        var model = pico.model("qwen3");
        var run = Run.of("generate", model, "--prompts", "text:" + prompts(), "--compare", model, "--tokens", 5,
                "--json", record, "--quiet");
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(json(record).path("texts")).hasSize(2).allSatisfy(text -> {
            assertThat(text.path("dense")).isEqualTo(text.path("network"));
            assertThat(text.path("kl").doubleValue()).isZero();
        });
    }

    /// Told before anything is loaded.
    @Test
    void textsOfAnotherTokenizerAreNotCompared() throws IOException {
        var run = Run.of("generate", pico.model("qwen3"), "--prompt", "word1", "--compare",
                Path.of("src/test/resources/text/gsm8k/network"), "--tokens", 1);
        assertThat(run.code()).isNotZero();
        assertThat(run.err()).contains("another tokenizer").doesNotContain("Continuing");
    }

    private Path prompts() throws IOException {
        return Files.writeString(folder.resolve("prompts.txt"), "word1 word2\n\nword3\n");
    }

    @Test
    void theTokensThatEndATextAreThoseOfItsConfiguration() throws IOException {
        var model = pico.model("llama3");
        var record = folder.resolve("said.json");
        assertThat(Run.of("generate", model, "--prompt", "word1", "--tokens", 8, "--json", record, "--quiet").code())
                .isZero();
        var words = json(record).path("texts").path(0).path("network").path("text").textValue().strip().split(" ");
        int third = Integer.parseInt(words[2].replace("word", "")) + 1;
        Files.writeString(model.resolve("generation_config.json"), "{\"eos_token_id\": [99999, %d]}".formatted(third));
        assertThat(Run.of("generate", model, "--prompt", "word1", "--tokens", 8, "--json", record, "--quiet").code())
                .isZero();
        var said = json(record).path("texts").path(0).path("network");
        assertThat(said.path("ended").booleanValue()).isTrue();
        assertThat(said.path("tokens").intValue()).isLessThanOrEqualTo(2);
        Files.writeString(model.resolve("generation_config.json"), "{\"eos_token_id\": \"end\"}");
        var run = Run.of("generate", model, "--prompt", "word1", "--quiet");
        assertThat(run.code()).isEqualTo(3);
        assertThat(run.err()).contains("generation_config.json: 'eos_token_id'").contains("\"end\"");
    }

    @Test
    void whatPlaysNoPartIsRefused() throws IOException {
        var model = pico.model("llama3");
        assertThat(Run.of("generate", model, "--quiet").err()).contains("--prompt TEXT");
        assertThat(Run.of("generate", model, "--prompt", "word1", "--top-k", 5, "--quiet").err())
                .contains("--top-k says what is drawn from");
        assertThat(Run.of("generate", model, "--prompt", "word1", "--tokens", 0).err())
                .contains("--tokens is at least 1").doesNotContain("Continuing");
        assertThat(Run.of("selfdata", model, "--tokens", 9, "--length", 0, "--out", folder.resolve("x")).err())
                .contains("--length is at least 1, got 0").doesNotContain("Writing");
        assertThat(Run.of("generate", pico.model("gpt2/gpt2"), "--prompt", "word1", "--tokens", 5000, "--quiet").err())
                .contains("more than the").contains("positions");
        var encoder = Run.of("generate", Path.of("src/test/resources/encoder/bert/minilm"), "--prompt", "a", "--quiet");
        assertThat(encoder.code()).isEqualTo(2);
        assertThat(encoder.err()).contains("predict the next token");
    }

    /// The template's words are the tokenizer's: what stands around a prompt is read with it.
    @Test
    void aPromptIsWhatAUserSays() throws IOException {
        var model = pico.model("llama3");
        var none = Run.of("generate", model, "--prompt", "word1", "--chat", "--quiet");
        assertThat(none.code()).isEqualTo(3);
        assertThat(none.err()).contains("has no chat template");
        Files.writeString(model.resolve("tokenizer_config.json"),
                "{\"chat_template\": \"{% for m in messages %}word7 {{ m.content }} word8{% endfor %}\"}");
        var chat = folder.resolve("chat.json");
        var plain = folder.resolve("plain.json");
        assertThat(Run.of("generate", model, "--prompt", "word1", "--chat", "--json", chat, "--quiet").code()).isZero();
        assertThat(Run.of("generate", model, "--prompt", "word7 word1 word8", "--json", plain, "--quiet").code())
                .isZero();
        assertThat(json(chat).path("texts").path(0).path("network"))
                .isEqualTo(json(plain).path("texts").path(0).path("network"));
        Files.writeString(model.resolve("chat_template.jinja"), "\n{{ messages | wordcount }}");
        var unknown = Run.of("generate", model, "--prompt", "word1", "--chat", "--quiet");
        assertThat(unknown.code()).isEqualTo(3);
        assertThat(unknown.err()).contains("line 2: the filter 'wordcount' is not known here");
        Files.write(model.resolve("chat_template.jinja"), new byte[]{'a', (byte) 0xE9, 'b'});
        assertThat(Run.of("generate", model, "--prompt", "word1", "--chat", "--quiet").err())
                .contains("chat_template.jinja").contains("UTF-8");
    }

    @Test
    void evaluateTellsHowFastANetworkWrites() throws IOException {
        var record = folder.resolve("evaluation.json");
        var run = Run.of("evaluate", pico.model("gpt2/gpt2"), "--data", "text:" + pico.text(), "--window", 16,
                "--limit", 2,
                "--latency-budget", 1, "--json", record, "--quiet");
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.out()).contains("  writing   ");
        assertThat(json(record).path("evaluation").path("latency_ms").path("written_tokens_per_second").doubleValue())
                .isPositive();
    }

    @Test
    void dataAreTheSameByTheSeed() throws IOException {
        var model = pico.model("llama3");
        var files = List.of(folder.resolve("first.jsonl"), folder.resolve("second.jsonl"),
                folder.resolve("third.jsonl"));
        for (int i = 0; i < 3; i++) {
            var run = Run.of("selfdata", model, "--tokens", 300, "--length", 7, "--batch-size", 2, "--quiet",
                    "--prompt", "word1 word2", "--prompt", "word5", "--seed", i == 2 ? 4 : 3, "--out", files.get(i));
            assertThat(run.code()).as(run.err()).isZero();
        }
        var lines = Files.readAllLines(files.getFirst());
        assertThat(lines).hasSizeGreaterThan(40).allSatisfy(line -> assertThat(line).startsWith("{\"text\":\"word"));
        assertThat(lines.get(0)).startsWith("{\"text\":\"word1 word2");
        assertThat(lines.get(1)).startsWith("{\"text\":\"word5");
        assertThat(lines.get(2)).isNotEqualTo(lines.get(0));
        assertThat(files.get(1)).hasSameTextualContentAs(files.get(0));
        assertThat(Files.readString(files.get(2))).isNotEqualTo(Files.readString(files.get(0)));
        assertThat(folder.resolve("first.jsonl.begun")).doesNotExist();
        assertThat(Run.of("selfdata", model, "--tokens", 300, "--out", files.get(0), "--quiet").err())
                .contains("is there already");
        assertThat(Run.of("selfdata", model, "--tokens", "many", "--out", folder.resolve("x"), "--quiet").err())
                .contains("--tokens is a number such as");
    }

    /// What learns from the texts learns where they end.
    @Test
    void aTextThatEndedSaysSo() throws IOException {
        var model = pico.model("llama3");
        var tokenizer = model.resolve("tokenizer.json");
        Files.writeString(tokenizer, Files.readString(tokenizer).replace("\"word20\":21", "\"<end>\":21").replace(
                "\"added_tokens\":[]",
                "\"added_tokens\":[{\"id\":21,\"content\":\"<end>\",\"special\":true,\"single_word\":false,\"lstrip\":false,\"rstrip\":false,\"normalized\":false}]"));
        Files.writeString(model.resolve("generation_config.json"), "{\"eos_token_id\": 21}");
        var out = folder.resolve("ended.jsonl");
        var run = Run.of("selfdata", model, "--tokens", 400, "--length", 20, "--prompt", "word1", "--out", out,
                "--quiet");
        assertThat(run.code()).as(run.err()).isZero();
        var texts = Files.readAllLines(out);
        assertThat(texts).anyMatch(line -> line.endsWith("<end>\"}")).anyMatch(line -> !line.contains("<end>"))
                .allMatch(line -> line.indexOf("<end>") < 0 || line.indexOf("<end>") == line.length() - 7);
    }

    @Test
    void withoutPromptsTextsBeginWithWordsAndSomeVocabulariesHaveNone() throws IOException {
        var out = folder.resolve("out.jsonl");
        var run = Run.of("selfdata", pico.model("qwen2"), "--tokens", "0.05k", "--length", 5, "--out", out, "--quiet");
        assertThat(run.code()).as(run.err()).isEqualTo(2);
        assertThat(run.err()).contains("hardly a token that is a word: --prompts says");
        var prompts = folder.resolve("prompts.txt");
        Files.writeString(prompts, "word1 word2\n");
        var corrected = Run.of("selfdata", folder.resolve("qwen2"), "--tokens", "0.05k", "--length", 5, "--prompts",
                "text:" + prompts, "--out", out, "--quiet");
        assertThat(corrected.code()).as(corrected.err()).isZero();
    }
}
