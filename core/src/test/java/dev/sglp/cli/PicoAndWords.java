package dev.sglp.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// Pico language models with a tokenizer of whole words, and a text of such words.
///
/// @param folder where everything lies
/// @param text   400 lines of 12 words
public record PicoAndWords(Path folder, Path text) {
    private static final int WORDS = 40;

    public static PicoAndWords make(Path folder) throws IOException {
        var random = new Random(5);
        var text = folder.resolve("text.txt");
        Files.writeString(text, IntStream.range(0, 400).mapToObj(_ -> IntStream.range(0, 12)
                .mapToObj(_ -> "word" + random.nextInt(WORDS)).collect(Collectors.joining(" ")))
                .collect(Collectors.joining("\n")));
        return new PicoAndWords(folder, text);
    }

    /// A network of the fixtures, of four layers: `llama3`, or `gpt2/gpt2` of those by family.
    public Path model(String name) throws IOException {
        var source = Path.of("src/test/resources", name.contains("/") ? "family" : "decoder", name);
        var directory = Files.createDirectories(folder.resolve(name));
        for (var file : List.of("config.json", "model.safetensors")) {
            Files.copy(source.resolve(file), directory.resolve(file));
        }
        var vocabulary = new LinkedHashMap<String, Integer>();
        vocabulary.put("<unk>", 0);
        IntStream.range(0, WORDS).forEach(i -> vocabulary.put("word" + i, i + 1));
        var tokenizer = Map.of("version", "1.0", "added_tokens", List.of(), "pre_tokenizer",
                Map.of("type", "WhitespaceSplit"), "model",
                Map.of("type", "WordLevel", "vocab", vocabulary, "unk_token", "<unk>"));
        Files.writeString(directory.resolve("tokenizer.json"), new ObjectMapper().writeValueAsString(tokenizer));
        Files.writeString(directory.resolve("LICENSE"), "of the model");
        Files.writeString(directory.resolve("README.md"),
                "---\nlicense: apache-2.0\npipeline_tag: text\n---\n# Title\n");
        return directory;
    }
}
