package dev.sglp.data.text.gguf;

import static dev.sglp.data.text.gguf.GgufTokenizer.PREFIX;
import static dev.sglp.data.text.gguf.GgufTokenizer.refused;
import static dev.sglp.data.text.gguf.PreTokenizer.object;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/// SentencePiece's BPE (Llama 2, Mistral, Phi-3, Gemma): spaces are `▁`, what no piece spells falls back to bytes, and the order of
/// merges follows from the pieces.
///
/// @param kin    whose way with spaces it has
/// @param merges in order, two tokens each
record SentencePieces(Tokens tokens, Kin kin, Optional<String> unknown,
        List<List<String>> merges) implements Pieces {
    private static final String SPACE = "▁";
    private static final int BYTES = 256;
    private static final int LONGEST = 512;
    private static final int SHOWN = 20;

    /// Who does what with spaces.
    enum Kin {
        /// Each text gets a space before it.
        LLAMA,
        /// The same; blanks after a special token go with it, as llama.cpp and Phi-3's own tokenizer.json have it.
        PHI,
        /// Text is taken as it is; merges go by the order of the tokens, not by their scores, as transformers found.
        GEMMA;

        static Kin of(String architecture) {
            return switch (architecture) {
                case "gemma", "gemma2", "gemma3" -> GEMMA;
                case "phi3" -> PHI;
                default -> LLAMA;
            };
        }

        private boolean prefixes() {
            return this != GEMMA;
        }

        /// Gemma's runs of spaces may stand in the file as such.
        private String spelled(String token) {
            return this == GEMMA && token.length() > 1 && token.chars().allMatch(c -> c == ' ')
                    ? SPACE.repeat(token.length())
                    : token;
        }
    }

    /// @throws IOException where the metadata say more than is known, or contradict themselves
    static SentencePieces of(GgufMetadata metadata) throws IOException {
        var kin = Kin.of(metadata.string("general.architecture").orElse(""));
        check(metadata, kin);
        var tokens = Tokens.of(metadata, kin::spelled);
        check(tokens, kin);
        var scores = metadata.decimals(PREFIX + "scores");
        if (scores.length != tokens.size()) {
            throw new IOException("GGUF metadata: %d tokens, but %d scores".formatted(tokens.size(), scores.length));
        }
        var unknown = metadata.id(PREFIX + "unknown_token_id", tokens.size());
        return new SentencePieces(tokens, kin,
                unknown.isPresent() ? Optional.of(tokens.get(unknown.getAsInt())) : Optional.empty(),
                kin == Kin.GEMMA ? Merges.byPlace(tokens) : Merges.byScore(tokens, scores));
    }

    private static void check(GgufMetadata metadata, Kin kin) throws IOException {
        var pre = metadata.string(PREFIX + "pre").orElse("default");
        if (!pre.equals("default")) {
            throw refused("the pre-tokenizer '%s' is not known for SentencePiece; expected 'default'".formatted(pre));
        }
        if (metadata.flag(PREFIX + "add_space_prefix").orElse(true) != kin.prefixes()) {
            throw refused(kin.prefixes()
                    ? "that no space stands before a text (add_space_prefix) is known of Gemma alone"
                    : "a space before each text (add_space_prefix, which counts as set where it is missing) is not understood for Gemma, which puts none");
        }
        if (metadata.flag(PREFIX + "remove_extra_whitespaces").orElse(false)) {
            throw refused("that spaces are left out (remove_extra_whitespaces) is not understood");
        }
        if (metadata.has(PREFIX + "precompiled_charsmap")) {
            throw refused("a table that changes characters (precompiled_charsmap) is not understood for this type");
        }
        if (metadata.has(PREFIX + "merges")) {
            throw refused("merges are not understood beside scores");
        }
    }

    private static void check(Tokens tokens, Kin kin) throws IOException {
        long bytes = IntStream.of(tokens.of(Tokens.BYTE)).filter(id -> tokens.get(id).matches("<0x[0-9A-F]{2}>"))
                .count();
        if (bytes != BYTES) {
            throw refused("%d tokens of a byte (<0x0A>, token type %d) were found, expected %d: what no piece spells could not be told"
                    .formatted(bytes, Tokens.BYTE, BYTES));
        }
        for (var token : tokens.all()) {
            if (token.length() > LONGEST) { // each is taken apart everywhere
                throw refused("a token of %,d characters begins with '%s'; SentencePiece's have at most %d here"
                        .formatted(token.length(), token.substring(0, SHOWN), LONGEST));
            }
        }
        for (int id : tokens.of(Tokens.USER_DEFINED)) {
            if (kin != Kin.GEMMA && (tokens.get(id).contains(SPACE) || tokens.get(id).contains(" "))) {
                throw refused("the token '%s', which its maker defined, holds spaces: it cannot be found as SentencePiece finds it"
                        .formatted(tokens.get(id)));
            }
        }
    }

    @Override
    public boolean bosByDefault() {
        return true;
    }

    @Override
    public Optional<Map<String, Object>> normalizer() {
        var spaces = object("type", "Replace", "pattern", Map.of("String", " "), "content", SPACE);
        return Optional.of(kin.prefixes()
                ? object("type", "Sequence", "normalizers", List.of(object("type", "Prepend", "prepend", SPACE), spaces))
                : spaces);
    }

    @Override
    public Optional<Map<String, Object>> cut() {
        return Optional.empty();
    }

    @Override
    public Optional<Map<String, Object>> afterwards() {
        return Optional.empty();
    }

    @Override
    public Map<String, Object> decoder() {
        var steps = List.of(object("type", "Replace", "pattern", Map.of("String", SPACE), "content", " "),
                object("type", "ByteFallback"), object("type", "Fuse"));
        var strip = object("type", "Strip", "content", " ", "start", 1, "stop", 0);
        return object("type", "Sequence", "decoders", kin.prefixes()
                ? java.util.stream.Stream.concat(steps.stream(), java.util.stream.Stream.of(strip)).toList()
                : steps);
    }

    @Override
    public Map<String, Object> model() {
        return object("type", "BPE", "dropout", null, "unk_token", unknown.orElse(null), "continuing_subword_prefix",
                null, "end_of_word_suffix", null, "fuse_unk", true, "byte_fallback", true, "ignore_merges", false,
                "vocab", tokens.vocabulary(), "merges", merges);
    }

    @Override
    public Map<String, Object> settings() {
        return Map.of();
    }

    @Override
    public int[] added() {
        return tokens.of(Tokens.UNKNOWN, Tokens.CONTROL, Tokens.USER_DEFINED);
    }

    @Override
    public boolean takesBlanks(int id) {
        return kin == Kin.PHI && tokens.type(id) != Tokens.UNKNOWN
                && !List.of("<s>", "<|endoftext|>").contains(tokens.get(id));
    }
}
