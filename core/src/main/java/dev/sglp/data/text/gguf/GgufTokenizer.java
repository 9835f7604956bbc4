package dev.sglp.data.text.gguf;

import static dev.sglp.data.text.gguf.PreTokenizer.object;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.sglp.data.text.SpecialTokens;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SequencedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// A tokenizer as a GGUF file's metadata describe it, written as the files that transformers reads: byte-level BPE, or
/// SentencePiece's.
public final class GgufTokenizer {
    static final String PREFIX = "tokenizer.ggml.";
    private static final JsonMapper JSON = new JsonMapper();

    private final GgufMetadata metadata;
    private final Pieces pieces;

    private GgufTokenizer(GgufMetadata metadata, Pieces pieces) {
        this.metadata = metadata;
        this.pieces = pieces;
    }

    /// @throws IOException where it is of another kind, cut in an unknown way, or contradicts itself
    public static GgufTokenizer of(Map<String, Object> values) throws IOException {
        var metadata = new GgufMetadata(values);
        var model = metadata.string(PREFIX + "model").orElse("");
        return new GgufTokenizer(metadata, switch (model) {
            case "gpt2" -> BytePieces.of(metadata);
            case "llama" -> SentencePieces.of(metadata);
            default -> throw refused(
                    "tokenizers of type '%s' cannot be rebuilt exactly from these metadata; expected 'gpt2' (byte-level BPE) or 'llama' (SentencePiece). convert writes the model; with the tokenizer.json of the original beside it, text can be read"
                            .formatted(model));
        });
    }

    static IOException refused(String why) {
        return new IOException(
                "GGUF metadata: %s. Maybe the original model directory is at hand: its tokenizer.json is used as it is"
                        .formatted(why));
    }

    private Tokens tokens() {
        return pieces.tokens();
    }

    /// Special tokens and whether a BOS is put before each text.
    public SpecialTokens special() throws IOException {
        return new SpecialTokens(id("bos"), id("eos"), padding(), Optional.of(addBos()));
    }

    private OptionalInt id(String role) throws IOException {
        return metadata.id(PREFIX + role + "_token_id", tokens().size());
    }

    /// Empty where the file names one that is not there.
    private OptionalInt padding() throws IOException {
        return metadata.idIfThere(PREFIX + "padding_token_id", tokens().size());
    }

    private boolean addBos() throws IOException {
        return metadata.flag(PREFIX + "add_bos_token").orElse(pieces.bosByDefault());
    }

    /// The content of tokenizer.json.
    public String tokenizerJson() throws IOException {
        var added = new ArrayList<Map<String, Object>>();
        for (int id : pieces.added()) {
            var token = object("id", id);
            token.putAll(pieces.added(id));
            added.add(token);
        }
        return json(object("version", "1.0", "truncation", null, "padding", null, "added_tokens", added, "normalizer",
                pieces.normalizer().orElse(null), "pre_tokenizer", pieces.cut().orElse(null), "post_processor",
                around(), "decoder", pieces.decoder(), "model", pieces.model()));
    }

    /// What is put around a text: nothing, or a BOS and an EOS where the file asks for them.
    private @Nullable Map<String, Object> around() throws IOException {
        boolean eos = metadata.flag(PREFIX + "add_eos_token").orElse(false);
        var one = new ArrayList<Object>();
        var two = new ArrayList<Object>();
        var special = new TreeMap<String, Object>();
        if (addBos()) {
            var token = special("bos", special);
            one.add(special(token, 0));
            two.add(special(token, 0));
        }
        one.add(sequence("A", 0));
        two.add(sequence("A", 0));
        two.add(sequence("B", 1));
        if (eos) {
            one.add(special(special("eos", special), 0));
        }
        var own = pieces.afterwards();
        if (special.isEmpty()) {
            return own.orElse(null);
        }
        var template = object("type", "TemplateProcessing", "single", one, "pair", two, "special_tokens", special);
        return own.map(first -> object("type", "Sequence", "processors", List.of(first, template))).orElse(template);
    }

    private String special(String role, Map<String, Object> table) throws IOException {
        int id = id(role).orElseThrow(
                () -> new IOException("GGUF metadata: add_%s_token is set, but there is no %s token".formatted(role,
                        role)));
        var token = tokens().get(id);
        table.put(token, object("id", token, "ids", List.of(id), "tokens", List.of(token)));
        return token;
    }

    private static Map<String, Object> special(String token, int type) {
        return Map.of("SpecialToken", object("id", token, "type_id", type));
    }

    private static Map<String, Object> sequence(String text, int type) {
        return Map.of("Sequence", object("id", text, "type_id", type));
    }

    /// Every file a converted directory needs to speak the same tokens, by name.
    public SequencedMap<String, String> files() throws IOException {
        var files = new LinkedHashMap<String, String>();
        files.put("tokenizer.json", tokenizerJson());
        files.put("tokenizer_config.json", json(tokenizerConfig()));
        files.put("special_tokens_map.json", json(specialTokens()));
        files.put("generation_config.json", json(generation()));
        return files;
    }

    private Map<String, Object> tokenizerConfig() throws IOException {
        var decoder = new LinkedHashMap<String, Object>();
        for (int id : pieces.added()) {
            decoder.put(Integer.toString(id), pieces.added(id));
        }
        var config = object("add_bos_token", addBos());
        config.putAll(pieces.settings());
        config.put("added_tokens_decoder", decoder);
        config.putAll(specialTokens());
        config.put("clean_up_tokenization_spaces", false);
        config.put("tokenizer_class", "PreTrainedTokenizerFast");
        metadata.string("tokenizer.chat_template").ifPresent(template -> config.put("chat_template", template));
        return config;
    }

    private Map<String, Object> specialTokens() throws IOException {
        var map = new LinkedHashMap<String, Object>();
        put(map, "bos_token", id("bos"));
        put(map, "eos_token", id("eos"));
        put(map, "unk_token", id("unknown"));
        put(map, "pad_token", padding());
        return map;
    }

    private void put(Map<String, Object> map, String name, OptionalInt id) {
        id.ifPresent(i -> map.put(name, tokens().get(i)));
    }

    /// Generation stops at every token that ends a text, a turn or a message.
    private Map<String, Object> generation() throws IOException {
        var ends = new java.util.LinkedHashSet<Integer>();
        for (var role : List.of("eos", "eot", "eom")) {
            id(role).ifPresent(ends::add);
        }
        var config = object("_from_model_config", true);
        id("bos").ifPresent(id -> config.put("bos_token_id", id));
        if (!ends.isEmpty()) {
            config.put("eos_token_id", ends.size() == 1 ? ends.getFirst() : ends);
        }
        padding().ifPresent(id -> config.put("pad_token_id", id));
        return config;
    }

    private static String json(@Nullable Object value) throws JsonProcessingException {
        return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(value);
    }
}
