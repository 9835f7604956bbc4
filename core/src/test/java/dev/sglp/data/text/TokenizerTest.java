package dev.sglp.data.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Tokenizers against transformers' and the tokenizers library's own, and what is refused.
final class TokenizerTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"smollm", "llama-bpe", "qwen2", "gpt-2", "command-r", "olmo", "phi-2", "dbrx"})
    void everyWayToCutGivesTheTokensOfTheOriginal(String pre) throws IOException {
        var tokenizer = Tokenizers.of(TokenizerFixture.metadata(pre));
        var expected = TokenizerFixture.pico(pre);
        var texts = TokenizerFixture.texts();
        for (int i = 0; i < texts.size(); i++) {
            assertThat(tokenizer.encode(texts.get(i))).as(texts.get(i)).isEqualTo(expected.get(i));
        }
        assertThat(tokenizer.vocabulary()).isEqualTo(
                ((List<?>) TokenizerFixture.metadata(pre).get("tokenizer.ggml.tokens")).size());
    }

    @Test
    void theWaysToCutDiffer() {
        var all = List.of("smollm", "llama-bpe", "qwen2", "gpt-2", "command-r", "olmo").stream()
                .map(pre -> TokenizerFixture.pico(pre).stream().map(IntStream::of).map(s -> s.boxed().toList())
                        .toList());
        assertThat(all.distinct()).hasSize(6);
    }

    @ParameterizedTest
    @ValueSource(strings = {"smollm", "llama-bpe", "gpt-2"})
    void decodingGivesTheTextBack(String pre) throws IOException {
        var tokenizer = Tokenizers.of(TokenizerFixture.metadata(pre));
        assertThat(TokenizerFixture.texts())
                .allSatisfy(text -> assertThat(tokenizer.decode(tokenizer.encode(text))).isEqualTo(text));
    }

    @Test
    void aBosIsPrependedWhereTheFileSaysSo() throws IOException {
        var values = TokenizerFixture.metadata("gpt-2");
        assertThat(Tokenizers.of(values).prependsBos()).isFalse();
        values.put("tokenizer.ggml.add_bos_token", true);
        assertThat(Tokenizers.of(values).prependsBos()).isTrue();
        assertThat(Tokenizers.of(values).encode("a")).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource({"llama-bpe, true", "qwen2, false", "smollm, false"})
    void whereTheFileDoesNotSayTheOriginalDecidesAboutTheBos(String pre, boolean prepended) throws IOException {
        var values = TokenizerFixture.metadata(pre);
        values.remove("tokenizer.ggml.add_bos_token");
        assertThat(Tokenizers.of(values).prependsBos()).isEqualTo(prepended);
    }

    @Test
    void aWrittenDirectoryGivesTheSameTokenizer() throws IOException {
        var values = TokenizerFixture.metadata("llama-bpe");
        values.put("tokenizer.ggml.add_bos_token", true);
        values.put("tokenizer.ggml.eot_token_id", 7L);
        values.put("tokenizer.chat_template", "{{ messages }}");
        for (var file : Tokenizers.files(values).entrySet()) {
            Files.writeString(folder.resolve(file.getKey()), file.getValue());
        }
        var read = Tokenizers.of(folder);
        var made = Tokenizers.of(values);
        assertThat(read.json()).isEqualTo(made.json());
        assertThat(read.bos()).hasValue(0).isEqualTo(made.bos());
        assertThat(read.eos()).hasValue(1).isEqualTo(made.eos());
        assertThat(read.pad()).isEmpty();
        assertThat(read.prependsBos()).isTrue();
        var config = new JsonMapper().readTree(folder.resolve("tokenizer_config.json").toFile());
        assertThat(config.path("chat_template").textValue()).isEqualTo("{{ messages }}");
        assertThat(config.path("tokenizer_class").textValue()).isEqualTo("PreTrainedTokenizerFast");
        var generation = new JsonMapper().readTree(folder.resolve("generation_config.json").toFile());
        assertThat(generation.path("eos_token_id")).extracting(n -> n.intValue()).containsExactly(1, 7);
    }

    /// `add_bos_token` may say anything, and any class may be named: transformers' ids are those of the template.
    @Test
    void theTemplateDecidesWhatStandsBeforeATextWhateverTheConfigurationSays() throws IOException {
        assertThat(TokenizerFixture.beginnings()).hasSizeGreaterThan(30).allSatisfy(beginning -> {
            Files.writeString(folder.resolve("tokenizer.json"), beginning.tokenizer());
            Files.writeString(folder.resolve("tokenizer_config.json"), beginning.config());
            var read = Tokenizers.of(folder);
            var ids = IntStream.concat(read.beginning().stream(), IntStream.of(read.encode(beginning.text())));
            assertThat(ids.toArray()).as(beginning.config()).isEqualTo(beginning.ids());
        });
    }

    @Test
    void aTemplateThatPutsTwoTokensBeforeATextIsRefused() throws IOException {
        var two = TokenizerFixture.beginnings().stream().map(TokenizerFixture.Beginning::tokenizer)
                .filter(text -> text.contains("{\"SpecialToken\"")).findFirst().orElseThrow()
                .replace("\"single\":[", "\"single\":[{\"SpecialToken\":{\"id\":\"<s>\",\"type_id\":0}},");
        Files.writeString(folder.resolve("tokenizer.json"), two);
        assertThatIOException().isThrownBy(() -> Tokenizers.of(folder)).withMessageContaining("tokenizer.json")
                .withMessageContaining("2 tokens before each text");
    }

    @Test
    void aPadTokenThatIsNotThereIsNone() throws IOException {
        var values = TokenizerFixture.metadata("smollm");
        values.put("tokenizer.ggml.padding_token_id", 100_000);
        assertThat(Tokenizers.of(values).pad()).isEmpty();
        assertThat(Tokenizers.files(values).get("special_tokens_map.json")).doesNotContain("pad_token");
        values.put("tokenizer.ggml.padding_token_id", 2);
        assertThat(Tokenizers.of(values).pad()).hasValue(2);
        assertThat(Tokenizers.of(values, 2).pad()).isEmpty();
    }

    @Test
    void halfASurrogatePairIsRefused() throws IOException {
        var tokenizer = Tokenizers.of(TokenizerFixture.metadata("gpt-2"));
        assertThat(tokenizer.encode("\uD83D\uDE00")).isNotEmpty();
        for (var text : List.of("a\uD83D", "\uDE00b", "\uDE00\uD83D")) {
            assertThatIllegalArgumentException().isThrownBy(() -> tokenizer.encode(text))
                    .withMessageContaining("surrogate");
        }
    }

    @ParameterizedTest
    @CsvSource({"tokenizer.ggml.model, t5, 't5'", "tokenizer.ggml.pre, default, 'qwen2'",
            "tokenizer.ggml.pre, tekken, 'smollm'", "tokenizer.ggml.bos_token_id, 100000, 'below'",
            "tokenizer.ggml.tokens, x, 'a list of strings'", "tokenizer.chat_template, 7, 'a string'"})
    void metadataThatCannotBeRebuiltAreRefused(String key, String value, String message) {
        var values = TokenizerFixture.metadata("smollm");
        values.put(key, value.matches("\\d+") ? Integer.valueOf(value) : value);
        assertThatIOException().isThrownBy(() -> Tokenizers.files(values)).withMessageContaining(message);
    }

    @Test
    void contradictoryTokensAndMergesAreRefused() {
        refused("tokenizer.ggml.tokens", List.of("a", "a"), "token types");
        refused("tokenizer.ggml.token_type", List.of(1, 2), "token types");
        refused("tokenizer.ggml.merges", List.of("ab"), "'ab'");
        refused("tokenizer.ggml.merges", List.of("a b c"), "'a b c'");
        refused("tokenizer.ggml.merges", List.of("nobody knows"), "not a usable tokenizer");
        refused("tokenizer.ggml.merges", List.of(3), "a list of strings");
        refused("tokenizer.ggml.add_space_prefix", true, "add_space_prefix");
        var twice = TokenizerFixture.metadata("smollm");
        twice.put("tokenizer.ggml.tokens", List.of("a", "a"));
        twice.remove("tokenizer.ggml.token_type");
        assertThatIOException().isThrownBy(() -> Tokenizers.of(twice)).withMessageContaining("twice");
    }

    private static void refused(String key, Object value, String message) {
        Map<String, Object> values = TokenizerFixture.metadata("smollm");
        values.put(key, value);
        assertThatIOException().as(key).isThrownBy(() -> Tokenizers.of(values)).withMessageContaining(message);
    }

    @Test
    void aDirectoryWithoutAUsableTokenizerIsRefused() throws IOException {
        var messages = new ArrayList<String>();
        for (var content : new String[]{"", "{", "[]", "{\"model\": {\"vocab\": {\"a\": -1}}}",
                "{\"model\": {\"vocab\": {\"a\": 0}}}"}) {
            Files.writeString(folder.resolve("tokenizer.json"), content);
            assertThatIOException().as(content).isThrownBy(() -> Tokenizers.of(folder))
                    .satisfies(e -> messages.add(e.getMessage()));
        }
        assertThat(messages).allMatch(m -> m.contains("tokenizer.json"));
        Files.delete(folder.resolve("tokenizer.json"));
        assertThatIOException().isThrownBy(() -> Tokenizers.of(folder)).withMessageContaining("no tokenizer.json");
    }
}
