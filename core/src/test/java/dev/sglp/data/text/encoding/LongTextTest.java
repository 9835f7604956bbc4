package dev.sglp.data.text.encoding;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sglp.data.text.Tokenizer;
import dev.sglp.data.text.TokenizerFixture;
import dev.sglp.data.text.Tokenizers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Texts tokenised in stretches have the tokens of the whole.
final class LongTextTest {
    /// Awkward texts in a seeded order, with blanks and line ends between.
    private static String text(long seed) {
        var random = new SplittableRandom(seed);
        var pieces = new ArrayList<>(TokenizerFixture.texts());
        pieces.addAll(
                List.of("\n", "\n\n", " \n ", " \n \n", "  ", "\n  ", "12", "345", "a", ".\n", "\r\n", "   \n\n\t"));
        var text = new StringBuilder();
        while (text.length() < 3000) {
            text.append(pieces.get(random.nextInt(pieces.size()))).append(random.nextBoolean() ? " " : "\n");
        }
        return text.toString();
    }

    /// The longest piece that the library was given; all of them have the tokens of the whole.
    private static int longest(Tokenizer tokenizer, String text) {
        var calls = new ArrayList<Integer>();
        int[] tokens = new LongText(part -> {
            calls.add(part.length());
            return tokenizer.encode(part);
        }, 200, 40).encode(text);
        assertThat(tokens).as(text).isEqualTo(tokenizer.encode(text));
        return Collections.max(calls);
    }

    @ParameterizedTest
    @ValueSource(strings = {"smollm", "llama-bpe", "qwen2", "gpt-2"})
    void stretchesGiveTheTokensOfTheWhole(String pre) throws IOException {
        var tokenizer = Tokenizers.of(TokenizerFixture.metadata(pre));
        for (int seed = 0; seed < 20; seed++) {
            var text = text(seed);
            assertThat(longest(tokenizer, text)).as("it is cut, seed %d", seed)
                    .isLessThan(text.length() / 2);
        }
    }

    @Test
    void aTokenizerThatMarksTheStartOfATextIsGivenTheWhole() {
        var calls = new ArrayList<Integer>();
        int[] tokens = new LongText(part -> {
            calls.add(part.length());
            int[] marked = new int[part.length() + 1]; // a mark and its characters
            Arrays.setAll(marked, i -> i == 0 ? -1 : part.charAt(i - 1));
            return marked;
        }, 50, 10).encode("word ".repeat(100));
        assertThat(tokens).hasSize(501);
        assertThat(calls).last().isEqualTo(500);
    }

    /// As Llama 2's and Mistral's: a blank is put before every text, and words begin with it.
    @Test
    void aTokenizerThatPutsABlankFirstIsCutAfterBlanks(@TempDir Path directory) throws IOException {
        Files.writeString(directory.resolve("tokenizer.json"), """
                {"version": "1.0", "added_tokens": [], "normalizer": {"type": "Sequence", "normalizers": [
                    {"type": "Prepend", "prepend": "▁"},
                    {"type": "Replace", "pattern": {"String": " "}, "content": "▁"}]},
                 "pre_tokenizer": null, "post_processor": null, "decoder": null,
                 "model": {"type": "BPE", "unk_token": "<unk>", "vocab": {"<unk>": 0, "▁": 1, "a": 2, "b": 3, "\\n": 4,
                    "▁a": 5, "▁b": 6, "ab": 7, "▁ab": 8, "▁▁": 9, "\\n\\n": 10},
                    "merges": ["▁ a", "▁ b", "a b", "▁ ab", "▁ ▁", "\\n \\n"]}}
                """);
        var tokenizer = Tokenizers.of(directory);
        var random = new SplittableRandom(0);
        for (int i = 0; i < 20; i++) {
            var text = random.ints(3000, 0, 9).mapToObj(n -> "abab  \n\n".substring(n % 8, n % 8 + 1))
                    .collect(Collectors.joining());
            assertThat(longest(tokenizer, text)).as("it is cut").isLessThan(400);
        }
    }

    @Test
    void aLineLongerThanAStretchGoesAloneAtOnce() throws IOException {
        var tokenizer = Tokenizers.of(TokenizerFixture.metadata("smollm"));
        var text = "some words\n".repeat(30) + "x".repeat(1000) + "\n" + "and more\n".repeat(100);
        assertThat(longest(tokenizer, text)).isBetween(1000, 1300);
    }

    @Test
    void aTextWithoutAnyPlaceToCutIsGivenWhole() {
        var calls = new ArrayList<Integer>();
        var tokens = new LongText(part -> {
            calls.add(part.length());
            return part.chars().toArray();
        }, 50, 10).encode("x".repeat(300));
        assertThat(tokens).hasSize(300);
        assertThat(calls).containsExactly(300);
    }
}
