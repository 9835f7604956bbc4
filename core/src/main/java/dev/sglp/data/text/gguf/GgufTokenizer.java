package dev.sglp.data.text.gguf;

import static dev.sglp.data.text.gguf.PreTokenizer.object;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.sglp.data.text.SpecialTokens;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SequencedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// A byte-level BPE tokenizer as a GGUF file's metadata describe it, written as the files that transformers reads.
public final class GgufTokenizer {
    private static final int CONTROL = 3;
    private static final int USER_DEFINED = 4;
    private static final int UNUSED = 5;
    private static final String PREFIX = "tokenizer.ggml.";
    private static final JsonMapper JSON = new JsonMapper();

    private final GgufMetadata metadata;
    private final PreTokenizer cut;
    private final List<String> tokens; // by id
    private final int[] types; // by id: 1 normal, 2 unknown, 3 control, 4 user-defined, 5 unused, 6 byte; empty: all normal
    private final List<String> merges; // in order, two tokens with a space between

    private GgufTokenizer(GgufMetadata metadata, PreTokenizer cut) throws IOException {
        this.metadata = metadata;
        this.cut = cut;
        tokens = metadata.strings(PREFIX + "tokens");
        types = metadata.numbers(PREFIX + "token_type");
        merges = metadata.strings(PREFIX + "merges");
    }

    /// @throws IOException where it is of another kind, cut in an unknown way, or contradicts itself
    public static GgufTokenizer of(Map<String, Object> values) throws IOException {
        var metadata = new GgufMetadata(values);
        var model = metadata.string(PREFIX + "model").orElse("");
        if (!model.equals("gpt2")) {
            throw refused(
                    "tokenizers of type '%s' cannot be rebuilt exactly from these metadata; expected 'gpt2' (byte-level BPE). convert writes the model; with the tokenizer.json of the original beside it, text can be read"
                            .formatted(model));
        }
        var pre = metadata.string(PREFIX + "pre").orElse("");
        var cut = PreTokenizer.named(pre).orElseThrow(() -> refused(
                "the pre-tokenizer '%s' is not known exactly; known ones are %s".formatted(pre,
                        PreTokenizer.known())));
        if (metadata.flag(PREFIX + "add_space_prefix").orElse(false)) {
            throw refused("a space before each text (add_space_prefix) is not understood for this type");
        }
        var gguf = new GgufTokenizer(metadata, cut);
        gguf.check();
        return gguf;
    }

    private static IOException refused(String why) {
        return new IOException(
                "GGUF metadata: %s. Maybe the original model directory is at hand: its tokenizer.json is used as it is"
                        .formatted(why));
    }

    private void check() throws IOException {
        if (types.length != 0 && types.length != tokens.size()) {
            throw new IOException("GGUF metadata: %d tokens, but %d token types".formatted(tokens.size(),
                    types.length));
        }
        var seen = new HashSet<String>();
        for (var token : tokens) {
            if (!seen.add(token)) {
                throw new IOException("GGUF metadata: the token '%s' is there twice".formatted(token));
            }
        }
        for (var merge : merges) {
            int space = merge.indexOf(' ', 1);
            if (space < 0 || space == merge.length() - 1 || merge.indexOf(' ', space + 1) >= 0) {
                throw new IOException(
                        "GGUF metadata: the merge '%s' is not two tokens with a space between".formatted(merge));
            }
        }
    }

    /// Special tokens and whether a BOS is put before each text.
    public SpecialTokens special() throws IOException {
        return new SpecialTokens(id("bos"), id("eos"), padding(), Optional.of(addBos()));
    }

    private OptionalInt id(String role) throws IOException {
        return metadata.id(PREFIX + role + "_token_id", tokens.size());
    }

    /// Empty where the file names one that is not there.
    private OptionalInt padding() throws IOException {
        return metadata.idIfThere(PREFIX + "padding_token_id", tokens.size());
    }

    private boolean addBos() throws IOException {
        return metadata.flag(PREFIX + "add_bos_token").orElse(cut.bosByDefault());
    }

    private int type(int id) {
        return types.length == 0 ? 1 : types[id];
    }

    /// The content of tokenizer.json.
    public String tokenizerJson() throws IOException {
        var vocabulary = new LinkedHashMap<String, Integer>();
        var added = new ArrayList<Map<String, Object>>();
        for (int id = 0; id < tokens.size(); id++) {
            if (type(id) == CONTROL || type(id) == USER_DEFINED) {
                var token = new LinkedHashMap<String, Object>();
                token.put("id", id);
                token.putAll(added(id));
                added.add(token);
            }
            if (type(id) != UNUSED) {
                vocabulary.put(tokens.get(id), id);
            }
        }
        var model = object("type", "BPE", "dropout", null, "unk_token", null, "continuing_subword_prefix", null,
                "end_of_word_suffix", null, "fuse_unk", false, "byte_fallback", false, "ignore_merges",
                cut.ignoreMerges(), "vocab", vocabulary, "merges", merges);
        return json(object("version", "1.0", "truncation", null, "padding", null, "added_tokens", added, "normalizer",
                cut.normalizer().orElse(null), "pre_tokenizer", cut.json(), "post_processor", template(), "decoder",
                PreTokenizer.byteLevel(true), "model", model));
    }

    private Map<String, Object> added(int id) {
        return object("content", tokens.get(id), "lstrip", false, "normalized", false, "rstrip", false, "single_word",
                false, "special", type(id) == CONTROL);
    }

    /// What is put around a text: nothing, or a BOS and an EOS where the file asks for them.
    private Map<String, Object> template() throws IOException {
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
        var bytes = PreTokenizer.byteLevel(true);
        return special.isEmpty()
                ? bytes
                : object("type", "Sequence", "processors", List.of(bytes, object("type", "TemplateProcessing",
                        "single", one, "pair", two, "special_tokens", special)));
    }

    private String special(String role, Map<String, Object> table) throws IOException {
        int id = id(role).orElseThrow(
                () -> new IOException("GGUF metadata: add_%s_token is set, but there is no %s token".formatted(role,
                        role)));
        var token = tokens.get(id);
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
        for (int id = 0; id < tokens.size(); id++) {
            if (type(id) == CONTROL || type(id) == USER_DEFINED) {
                decoder.put(Integer.toString(id), added(id));
            }
        }
        var config = object("add_bos_token", addBos(), "add_prefix_space", false, "added_tokens_decoder", decoder);
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
        id.ifPresent(i -> map.put(name, tokens.get(i)));
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
