package dev.sglp.data.text;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.sglp.data.text.gguf.GgufTokenizer;
import dev.sglp.output.JsonDamage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SequencedMap;

/// Where tokenizers come from.
public final class Tokenizers {
    /// The file of a directory that is the tokenizer.
    public static final String FILE = "tokenizer.json";

    private static final JsonMapper JSON = new JsonMapper();

    private Tokenizers() {}

    /// The tokenizer of a Hugging Face directory: its `tokenizer.json`, with the special tokens that
    /// `tokenizer_config.json`, else `special_tokens_map.json`, else `config.json` names.
    ///
    /// @throws IOException where there is no `tokenizer.json`, or a file cannot be understood
    public static Tokenizer of(Path directory) throws IOException {
        return of(directory, Integer.MAX_VALUE);
    }

    /// The same for a network: a pad token that it does not know is left out, because padding is masked.
    ///
    /// @param known tokens of the network
    public static Tokenizer of(Path directory, int known) throws IOException {
        var file = directory.resolve(FILE);
        if (!Files.isRegularFile(file)) {
            throw new IOException(
                    "[%s] has no tokenizer.json. Maybe it has another kind of tokenizer; transformers writes one with AutoTokenizer.from_pretrained(…).save_pretrained(…)"
                            .formatted(directory));
        }
        var json = TokenizerJson.of(file.toString(), Utf8.whole(file));
        var config = read(directory.resolve("tokenizer_config.json"));
        var map = read(directory.resolve("special_tokens_map.json"));
        var model = read(directory.resolve("config.json"));
        var names = new Names(json, config, map, model, known);
        return known(json,
                new SpecialTokens(names.id("bos"), names.id("eos"), names.id("pad"), names.id("mask"),
                        Optional.empty()),
                known);
    }

    /// Added tokens that the network does not know, of a fine-tuning or for padding, are left out: text is read without them.
    private static Tokenizer known(TokenizerJson json, SpecialTokens special, int known) throws IOException {
        var own = json.withoutAdded(
                id -> id >= known && !special.bos().equals(OptionalInt.of(id))
                        && !special.eos().equals(OptionalInt.of(id)));
        int pad = special.pad().orElse(0);
        return Tokenizer.of(own, pad >= 0 && pad < known ? special : special.withoutPad());
    }

    /// The tokenizer that a GGUF file's metadata describes.
    ///
    /// @param values the raw metadata: strings, numbers, booleans and lists by key
    /// @throws IOException where the metadata describe none, or one that cannot be rebuilt exactly
    public static Tokenizer of(Map<String, Object> values) throws IOException {
        return of(values, Integer.MAX_VALUE);
    }

    /// The same for a network, as {@link #of(Path, int)}.
    ///
    /// @param known tokens of the network
    public static Tokenizer of(Map<String, Object> values, int known) throws IOException {
        var gguf = GgufTokenizer.of(values);
        var json = TokenizerJson.of("tokenizer.ggml", gguf.tokenizerJson());
        return known(json, gguf.special(), known);
    }

    /// The files of a Hugging Face directory that a GGUF file's metadata stand for, by name: `tokenizer.json`,
    /// `tokenizer_config.json` (with the chat template), `special_tokens_map.json` and `generation_config.json`.
    ///
    /// @throws IOException as {@link #of(Map)}
    public static SequencedMap<String, String> files(Map<String, Object> values) throws IOException {
        return GgufTokenizer.of(values).files();
    }

    private static JsonNode read(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            return MissingNode.getInstance();
        }
        try {
            return JSON.readTree(Utf8.whole(file));
        } catch (JsonProcessingException e) {
            throw new IOException("[%s] is not JSON: %s".formatted(file, JsonDamage.of(e)), e);
        }
    }

    /// Finds a special token's id by what the companion files say; a pad token that is not there is none, nor is an id that the
    /// network does not know.
    private record Names(TokenizerJson tokens, JsonNode config, JsonNode map, JsonNode model, int known) {
        OptionalInt id(String role) throws IOException {
            for (var file : new JsonNode[]{config, map}) {
                var node = file.path(role + "_token");
                if (node.isNull()) {
                    return OptionalInt.empty();
                }
                var token = node.isObject() ? node.path("content") : node;
                if (token.isTextual()) {
                    var id = tokens.id(token.textValue());
                    if (id.isEmpty() && !role.equals("pad") && !role.equals("mask")) {
                        throw new IOException("[%s] has no token '%s', which is named as the %s token"
                                .formatted(tokens.file(), token.textValue(), role));
                    }
                    return id;
                }
            }
            var id = model.path(role + "_token_id");
            var first = id.isArray() ? id.path(0) : id;
            return first.canConvertToInt() && first.isNumber() && first.intValue() >= 0 && first.intValue() < known
                    ? OptionalInt.of(first.intValue())
                    : OptionalInt.empty();
        }
    }
}
