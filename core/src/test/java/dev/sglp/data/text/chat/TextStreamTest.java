package dev.sglp.data.text.chat;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sglp.data.text.Tokenizer;
import dev.sglp.data.text.Tokenizers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class TextStreamTest {
    @TempDir
    private Path folder;

    /// Each byte is a token, by GPT-2's letters for bytes.
    private Tokenizer bytes() throws IOException {
        var vocabulary = new LinkedHashMap<String, Integer>();
        int others = 256;
        for (int b = 0; b < 256; b++) {
            boolean printed = b >= '!' && b <= '~' || b >= 0xA1 && b <= 0xAC || b >= 0xAE;
            vocabulary.put(Character.toString(printed ? b : others++), b);
        }
        var level = Map.of("type", "ByteLevel", "add_prefix_space", false, "trim_offsets", true, "use_regex", true);
        Files.writeString(folder.resolve("tokenizer.json"),
                new ObjectMapper().writeValueAsString(Map.of("version", "1.0", "added_tokens", List.of(),
                        "pre_tokenizer", level, "decoder", level, "model",
                        Map.of("type", "BPE", "vocab", vocabulary, "merges", List.of()))));
        return Tokenizers.of(folder);
    }

    /// Every character takes several tokens, most of which end within it.
    @ParameterizedTest
    @ValueSource(strings = {"a 日本語のテキスト。", "😀👩‍👩‍👧‍👦🏳️‍🌈", "Привет, мир!", " blank before", "x  y\n\n z",
            "naïve"})
    void noHalfCharacterIsTold(String text) throws IOException {
        var tokenizer = bytes();
        int[] tokens = tokenizer.encode(text);
        var stream = new TextStream(tokenizer);
        var told = new StringBuilder();
        for (int token : tokens) {
            var part = stream.add(token);
            assertThat(part).doesNotContain("\uFFFD");
            told.append(part);
        }
        assertThat(told + stream.rest()).isEqualTo(text);
    }

    @Test
    void whatIsLeftOfACharacterIsToldAtTheEnd() throws IOException {
        var tokenizer = bytes();
        int[] tokens = tokenizer.encode("é😀");
        var stream = new TextStream(tokenizer);
        var told = new StringBuilder();
        for (int i = 0; i < tokens.length - 1; i++) {
            told.append(stream.add(tokens[i]));
        }
        assertThat(told.toString()).isEqualTo("é");
        assertThat(stream.rest()).matches("\uFFFD+");
    }

    @Test
    void textsThatFollowOthersAreTheirOwn() throws IOException {
        var tokenizer = bytes();
        assertThat(TextStream.text(tokenizer, tokenizer.encode("Hello"), tokenizer.encode(" world"))).isEqualTo(
                " world");
    }
}
