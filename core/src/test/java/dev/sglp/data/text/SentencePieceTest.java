package dev.sglp.data.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// SentencePiece's tokenizers out of GGUF metadata, against sentencepiece and transformers (`tools/make_sentencepiece_fixtures.py`).
final class SentencePieceTest {
    private static final JsonNode ROOT = root();

    @TempDir
    Path folder;

    private static JsonNode root() {
        try (var in = SentencePieceTest.class.getResourceAsStream("/text/sentencepieces.json")) {
            return new JsonMapper().readTree(in);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static JsonNode group(String architecture) {
        return StreamSupport.stream(ROOT.path("kinds").spliterator(), false)
                .filter(kind -> kind.path("ids").has(architecture)).findFirst().orElseThrow();
    }

    private static List<String> texts() {
        return StreamSupport.stream(ROOT.path("texts").spliterator(), false).map(JsonNode::textValue).toList();
    }

    private static int[] expected(String architecture, int text) {
        return StreamSupport.stream(group(architecture).path("ids").path(architecture).path(text).spliterator(), false)
                .mapToInt(JsonNode::intValue).toArray();
    }

    /// Phi-3 has the architecture `phi3`, Llama 2 and Mistral `llama`.
    private static Map<String, Object> metadata(String architecture) {
        var group = group(architecture);
        var values = new HashMap<String, Object>();
        values.put("general.architecture", architecture);
        values.put("tokenizer.ggml.model", "llama");
        values.put("tokenizer.ggml.pre", "default");
        values.put("tokenizer.ggml.tokens", list(group.path("tokens")).stream().map(JsonNode::textValue).toList());
        values.put("tokenizer.ggml.scores", list(group.path("scores")).stream().map(JsonNode::floatValue).toList());
        values.put("tokenizer.ggml.token_type", list(group.path("types")).stream().map(JsonNode::intValue).toList());
        values.put("tokenizer.ggml.bos_token_id", 1);
        values.put("tokenizer.ggml.eos_token_id", 2);
        values.put("tokenizer.ggml.unknown_token_id", 0);
        values.put("tokenizer.ggml.add_space_prefix", !architecture.startsWith("gemma"));
        return values;
    }

    private static List<JsonNode> list(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false).toList();
    }

    @ParameterizedTest
    @ValueSource(strings = {"llama", "phi3", "gemma"})
    void tokensAreThoseOfTheOriginal(String architecture) throws IOException {
        var tokenizer = Tokenizers.of(metadata(architecture));
        var texts = texts();
        assertThat(texts).hasSizeGreaterThan(40);
        for (int i = 0; i < texts.size(); i++) {
            assertThat(tokenizer.encode(texts.get(i))).as(texts.get(i)).isEqualTo(expected(architecture, i));
        }
    }

    /// A directory for transformers' own eyes: `tools/make_sentencepiece_fixtures.py --open llama DIR`.
    @ParameterizedTest
    @ValueSource(strings = {"llama", "phi3", "gemma"})
    void aWrittenDirectoryGivesTheSameTokenizer(String architecture) throws IOException {
        var values = metadata(architecture);
        for (var file : Tokenizers.files(values).entrySet()) {
            Files.writeString(folder.resolve(file.getKey()), file.getValue());
        }
        var read = Tokenizers.of(folder);
        assertThat(read.json()).isEqualTo(Tokenizers.of(values).json());
        assertThat(read.prependsBos()).isTrue();
        assertThat(read.bos()).hasValue(1);
        assertThat(read.eos()).hasValue(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"llama", "gemma"})
    void decodingGivesTheTextBack(String architecture) throws IOException {
        var tokenizer = Tokenizers.of(metadata(architecture));
        assertThat(List.of("Hello world", "naïve café 日本語 😀\u0000", "a  b\n\n c", "𝔘𝔫𝔦\ttab"))
                .allSatisfy(text -> assertThat(tokenizer.decode(tokenizer.encode(text))).isEqualTo(text));
    }

    @Test
    void aBosStandsBeforeEachTextWhereTheFileSaysNothing() throws IOException {
        var values = metadata("llama");
        assertThat(Tokenizers.of(values).prependsBos()).isTrue();
        values.put("tokenizer.ggml.add_bos_token", false);
        assertThat(Tokenizers.of(values).prependsBos()).isFalse();
        values.remove("tokenizer.ggml.add_space_prefix"); // as set, as in llama.cpp
        assertThat(Tokenizers.of(values).encode("Hello world")).isEqualTo(expected("llama", 0));
    }

    /// Of Gemma some files hold runs of spaces as such.
    @Test
    void runsOfSpacesMayBeSpelledAsSuch() throws IOException {
        var values = metadata("gemma");
        values.computeIfPresent("tokenizer.ggml.tokens", (_, tokens) -> ((List<?>) tokens).stream()
                .map(token -> token.toString().matches("▁▁+") ? " ".repeat(token.toString().length()) : token)
                .toList());
        assertThat(values.get("tokenizer.ggml.tokens")).isNotEqualTo(metadata("gemma").get("tokenizer.ggml.tokens"));
        assertThat(Tokenizers.of(values).json()).isEqualTo(Tokenizers.of(metadata("gemma")).json());
    }

    @ParameterizedTest
    @CsvSource({"llama, pre, llama-bpe, 'llama-bpe'", "llama, add_space_prefix, false, add_space_prefix",
            "gemma, add_space_prefix, true, add_space_prefix", "llama, remove_extra_whitespaces, true, remove_extra",
            "llama, precompiled_charsmap, x, precompiled_charsmap", "llama, merges, x, merges",
            "llama, scores, x, a list of numbers", "llama, token_type, , token type", "llama, scores, , 0 scores"})
    void whatIsNotUnderstoodIsRefusedByName(String architecture, String key, String value, String message) {
        var values = metadata(architecture);
        values.remove("tokenizer.ggml." + key);
        if (value != null) {
            values.put("tokenizer.ggml." + key, value.matches("true|false") ? (Object) Boolean.valueOf(value) : value);
        }
        assertThatIOException().isThrownBy(() -> Tokenizers.files(values)).withMessageContaining(message);
    }

    @Test
    void aGemmaThatDoesNotSayThatItPutsNoSpaceIsRefused() {
        var values = metadata("gemma");
        values.remove("tokenizer.ggml.add_space_prefix");
        assertThatIOException().isThrownBy(() -> Tokenizers.files(values)).withMessageContaining("add_space_prefix");
    }

    /// Which of two pieces is made first has to be told, and what no piece spells.
    @Test
    void vocabulariesThatLeaveTokensOpenAreRefused() {
        var same = metadata("llama");
        same.put("tokenizer.ggml.scores", IntStream.range(0, group("llama").path("tokens").size()).mapToObj(_ -> 0f)
                .toList());
        assertThatIOException().isThrownBy(() -> Tokenizers.files(same)).withMessageContaining("the same score");
        var bytes = metadata("llama");
        bytes.computeIfPresent("tokenizer.ggml.token_type", (_, types) -> ((List<?>) types).stream()
                .map(type -> type.equals(6) ? 1 : type).toList());
        assertThatIOException().isThrownBy(() -> Tokenizers.files(bytes)).withMessageContaining("0 tokens of a byte");
        var endless = metadata("llama");
        endless.computeIfPresent("tokenizer.ggml.tokens", (_, tokens) -> ((List<?>) tokens).stream()
                .map(token -> token.equals("<|end|>") ? "end".repeat(400_000) : token).toList());
        assertThatIOException().isThrownBy(() -> Tokenizers.files(endless)).withMessageContaining("1,200,000");
        var spaces = metadata("gemma");
        spaces.put("general.architecture", "llama");
        spaces.put("tokenizer.ggml.add_space_prefix", true);
        assertThatIOException().isThrownBy(() -> Tokenizers.files(spaces)).withMessageContaining("holds spaces");
    }
}
