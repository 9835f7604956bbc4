package dev.sglp.cli.text;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sglp.cli.PicoAndWords;
import dev.sglp.cli.Run;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Byte-order marks before every file of text that a language model's way touches.
final class MarkedTextTest {
    private static final String MARK = "\uFEFF";

    @TempDir
    Path folder;
    private Path model;
    private Path text;
    private Path documents;

    /// A model in shards with an index, and all that may lie beside it.
    @BeforeEach
    void write() throws IOException {
        var pico = PicoAndWords.make(folder);
        text = pico.text();
        documents = folder.resolve("text.jsonl");
        var lines = new ArrayList<String>();
        for (var line : Files.readAllLines(text)) {
            lines.add("{\"text\": \"%s\"}".formatted(line));
        }
        Files.write(documents, lines);
        model = folder.resolve("sharded");
        ok("convert", pico.model("qwen3"), "--max-shard-size", "20KB", "--out", model);
        Files.writeString(model.resolve("tokenizer_config.json"), "{\"eos_token\": \"word1\"}");
        Files.writeString(model.resolve("special_tokens_map.json"), "{\"eos_token\": \"word2\"}");
        Files.writeString(model.resolve("generation_config.json"), "{\"top_k\": 5}");
    }

    private static void ok(Object... words) {
        var run = Run.of(words);
        assertThat(run.code()).as(run.err()).isZero();
    }

    private static Path marked(Path file, Path to) throws IOException {
        return Files.writeString(to, MARK + Files.readString(file));
    }

    private Path markedModel() throws IOException {
        var marked = Files.createDirectories(folder.resolve("marked"));
        for (var file : files(model)) {
            var to = marked.resolve(file.getFileName());
            if (file.toString().matches(".*\\.(safetensors|st)")) {
                Files.copy(file, to);
            } else {
                marked(file, to);
            }
        }
        return marked;
    }

    private static List<Path> files(Path directory) throws IOException {
        try (var files = Files.list(directory)) {
            return files.filter(Files::isRegularFile).sorted().toList();
        }
    }

    private double perplexity(Path of, String data) throws IOException {
        var record = folder.resolve("record.json");
        ok("evaluate", of, "--data", data, "--window", 16, "--limit", 20, "--no-latency", "--quiet", "--json", record);
        return new ObjectMapper().readTree(record.toFile()).at("/evaluation/perplexity").asDouble();
    }

    @Test
    void aMarkBeforeAnyFileOfAModelOrATextChangesNothing() throws IOException {
        var marked = markedModel();
        assertThat(perplexity(marked, "text:" + marked(text, folder.resolve("marked.txt"))))
                .isEqualTo(perplexity(model, "text:" + text)).isGreaterThan(1);
        assertThat(perplexity(marked, "jsonl:" + marked(documents, folder.resolve("marked.jsonl"))))
                .isEqualTo(perplexity(model, "jsonl:" + documents)).isGreaterThan(1);
    }

    @Test
    void whatIsWrittenHasNoMarkThatOthersWouldStumbleOver() throws IOException {
        ok("convert", model, "--out", folder.resolve("plain-out"), "--quiet");
        ok("convert", markedModel(), "--out", folder.resolve("marked-out"), "--quiet");
        for (var file : files(folder.resolve("plain-out"))) {
            if (file.toString().endsWith(".json")) {
                assertThat(folder.resolve("marked-out").resolve(file.getFileName()))
                        .hasSameTextualContentAs(file);
            }
        }
        assertThat(files(folder.resolve("marked-out"))).hasSameSizeAs(files(folder.resolve("plain-out")));
    }

    @ParameterizedTest
    @CsvSource({"UTF-16LE, UTF-16 (little-endian)", "UTF-16BE, UTF-16 (big-endian)",
            "UTF-32LE, UTF-32 (little-endian)", "UTF-32BE, UTF-32 (big-endian)"})
    void anotherEncodingIsToldByItsName(String charset, String title) throws IOException {
        Map<Path, Object[]> readers = new LinkedHashMap<>();
        for (var name : List.of("config.json", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json",
                "model.safetensors.index.json")) {
            readers.put(model.resolve(name), new Object[]{"evaluate", model, "--data", "text:" + text, "--quiet"});
        }
        readers.put(text, new Object[]{"evaluate", model, "--data", "text:" + text, "--quiet"});
        readers.put(documents, new Object[]{"evaluate", model, "--data", "jsonl:" + documents, "--quiet"});
        var plan = Files.writeString(folder.resolve("plan.json"), "{}");
        readers.put(plan, new Object[]{"apply", plan, model, "--out", folder.resolve("out"), "--quiet"});
        for (var reader : readers.entrySet()) {
            var file = reader.getKey();
            var before = Files.readString(file);
            Files.writeString(file, MARK + before, Charset.forName(charset));
            var run = Run.of(reader.getValue());
            assertThat(run.code()).as(run.err()).isEqualTo(3);
            assertThat(run.err()).contains("[%s] is %s".formatted(file, title)).contains("Save it as UTF-8");
            Files.writeString(file, before);
        }
    }
}
