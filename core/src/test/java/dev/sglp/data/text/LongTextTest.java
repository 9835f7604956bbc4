package dev.sglp.data.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
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

    @ParameterizedTest
    @ValueSource(strings = {"smollm", "llama-bpe", "qwen2", "gpt-2"})
    void stretchesGiveTheTokensOfTheWhole(String pre) throws IOException {
        var tokenizer = Tokenizers.of(TokenizerFixture.metadata(pre));
        for (int seed = 0; seed < 20; seed++) {
            var text = text(seed);
            var calls = new ArrayList<String>();
            int[] tokens = new LongText(part -> {
                calls.add(part);
                return tokenizer.encode(part);
            }, 200, 40).encode(text);
            assertThat(tokens).as("seed %d", seed).isEqualTo(tokenizer.encode(text));
            assertThat(calls.stream().mapToInt(String::length).max().orElseThrow()).as("it is cut")
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
