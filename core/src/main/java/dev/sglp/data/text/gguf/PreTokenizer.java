package dev.sglp.data.text.gguf;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// How a byte-level BPE cuts text into pieces before it merges: what GGUF files call `tokenizer.ggml.pre`. Only those whose
/// original tokenizer.json is known to the letter; `default` means that a converter did not know either.
enum PreTokenizer {
    /// SmolLM and SmolLM2, StarCoder, Granite: every digit alone, then GPT-2's pieces.
    SMOLLM(List.of("smollm", "starcoder", "refact"), false, false),
    /// Command R: the same, text in normal form C.
    COMMAND_R(List.of("command-r"), false, false),
    /// Llama 3: up to three digits together; a piece that is a token needs no merges.
    LLAMA3(List.of("llama-bpe", "llama3", "llama-v3"), true, true),
    /// OLMo 2 and Phi-4: Llama 3's pieces, all made by merges.
    DBRX(List.of("dbrx", "smaug-bpe"), false, false),
    /// Qwen2 and Qwen3: every digit alone, text in normal form C.
    QWEN2(List.of("qwen2"), false, false),
    /// GPT-2 and Phi 1 to 2.
    GPT2(List.of("gpt-2", "phi-2"), false, false),
    /// GPT-NeoX and OLMo: the same, text in normal form C.
    OLMO(List.of("olmo"), false, false);

    /// With the number of digits that go together.
    private static final String SPLIT = "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|%s| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

    private final List<String> names;
    private final boolean ignoreMerges;
    private final boolean bosByDefault;

    PreTokenizer(List<String> names, boolean ignoreMerges, boolean bosByDefault) {
        this.names = names;
        this.ignoreMerges = ignoreMerges;
        this.bosByDefault = bosByDefault;
    }

    /// The one that GGUF files call so.
    static Optional<PreTokenizer> named(String name) {
        return Arrays.stream(values()).filter(p -> p.names.contains(name)).findFirst();
    }

    /// All names, for messages.
    static String known() {
        return Arrays.stream(values()).flatMap(p -> p.names.stream()).collect(Collectors.joining(", "));
    }

    /// Whether a piece that is a token as a whole is taken as it is.
    boolean ignoreMerges() {
        return ignoreMerges;
    }

    /// Whether a BOS is put before each text where `tokenizer.ggml.add_bos_token` is not given.
    boolean bosByDefault() {
        return bosByDefault;
    }

    /// The tokenizer.json normalizer; empty for none.
    Optional<Map<String, Object>> normalizer() {
        return switch (this) {
            case COMMAND_R, QWEN2, OLMO -> Optional.of(Map.of("type", "NFC"));
            case SMOLLM, LLAMA3, DBRX, GPT2 -> Optional.empty();
        };
    }

    /// The tokenizer.json pre-tokenizer.
    Map<String, Object> json() {
        return switch (this) {
            case SMOLLM, COMMAND_R -> sequence(object("type", "Digits", "individual_digits", true), byteLevel(true));
            case LLAMA3, DBRX -> sequence(split(SPLIT.formatted("\\p{N}{1,3}")), byteLevel(false));
            case QWEN2 -> sequence(split(SPLIT.formatted("\\p{N}")), byteLevel(false));
            case GPT2, OLMO -> byteLevel(true);
        };
    }

    private static Map<String, Object> sequence(Map<String, Object> first, Map<String, Object> then) {
        return object("type", "Sequence", "pretokenizers", List.of(first, then));
    }

    private static Map<String, Object> split(String regex) {
        return object("type", "Split", "pattern", Map.of("Regex", regex), "behavior", "Isolated", "invert", false);
    }

    /// Bytes as printable characters; with `regex` also cut as GPT-2 does.
    static Map<String, Object> byteLevel(boolean regex) {
        return object("type", "ByteLevel", "add_prefix_space", false, "trim_offsets", true, "use_regex", regex);
    }

    /// A JSON object of these names and values, in this order.
    static Map<String, Object> object(@Nullable Object... namesAndValues) {
        var map = new LinkedHashMap<String, Object>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            map.put(String.valueOf(namesAndValues[i]), namesAndValues[i + 1]);
        }
        return map;
    }
}
