package dev.sglp.data.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;

/// SmolLM2's tokenizer from its GGUF file; skipped where `SGLP_TEST_DATA` names none.
@EnabledIfEnvironmentVariable(named = "SGLP_TEST_DATA", matches = ".+")
final class RealTokenizerTest {
    private static Tokenizer tokenizer;

    @BeforeAll
    static void open() throws IOException {
        tokenizer = Tokenizers.of(TokenizerFixture.metadata(data("models/SmolLM2-135M-Instruct.Q4_1.gguf")));
    }

    private static Path data(String name) {
        return Path.of(System.getenv("SGLP_TEST_DATA"), name);
    }

    @Test
    void awkwardTextsGiveTheTokensOfTheOriginal() {
        var texts = TokenizerFixture.texts();
        for (int i = 0; i < texts.size(); i++) {
            assertThat(tokenizer.encode(texts.get(i))).as(texts.get(i)).isEqualTo(TokenizerFixture.smollm2().get(i));
        }
        assertThat(tokenizer.encode("Hello world")).containsExactly(19556, 905);
    }

    @Test
    void itsSpecialTokensAreThoseOfTheFile() {
        assertThat(tokenizer.bos()).hasValue(1);
        assertThat(tokenizer.eos()).hasValue(2);
        assertThat(tokenizer.pad()).hasValue(2);
        assertThat(tokenizer.prependsBos()).isFalse();
        assertThat(tokenizer.vocabulary()).isEqualTo(49152);
    }

    @Test
    void wikiTextHasTheKnownNumberOfTokens() throws IOException {
        assertThat(tokenizer.encode(Files.readString(data("data/wikitext-2/valid.txt")))).hasSize(273_868);
        assertThat(tokenizer.encode(Files.readString(data("data/wikitext-2/test.txt")))).hasSize(312_144);
    }
}
