package dev.sglp.data.text.gguf;

import static dev.sglp.data.text.gguf.GgufTokenizer.PREFIX;
import static dev.sglp.data.text.gguf.GgufTokenizer.refused;
import static dev.sglp.data.text.gguf.PreTokenizer.object;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/// Byte-level BPE: bytes as printable characters, merged in the order that the file lists.
///
/// @param way    how text is cut before
/// @param merges in order, two tokens with a space between
record BytePieces(Tokens tokens, PreTokenizer way, List<String> merges) implements Pieces {

    /// @throws IOException where text is cut in an unknown way, or the merges contradict themselves
    static BytePieces of(GgufMetadata metadata) throws IOException {
        var pre = metadata.string(PREFIX + "pre").orElse("");
        var way = PreTokenizer.named(pre).orElseThrow(() -> refused(
                "the pre-tokenizer '%s' is not known exactly; known ones are %s".formatted(pre,
                        PreTokenizer.known())));
        if (metadata.flag(PREFIX + "add_space_prefix").orElse(false)) {
            throw refused("a space before each text (add_space_prefix) is not understood for this type");
        }
        var tokens = Tokens.of(metadata, UnaryOperator.identity());
        var merges = metadata.strings(PREFIX + "merges");
        for (var merge : merges) {
            int space = merge.indexOf(' ', 1);
            if (space < 0 || space == merge.length() - 1 || merge.indexOf(' ', space + 1) >= 0) {
                throw new IOException(
                        "GGUF metadata: the merge '%s' is not two tokens with a space between".formatted(merge));
            }
        }
        return new BytePieces(tokens, way, merges);
    }

    @Override
    public boolean bosByDefault() {
        return way.bosByDefault();
    }

    @Override
    public Optional<Map<String, Object>> normalizer() {
        return way.normalizer();
    }

    @Override
    public Optional<Map<String, Object>> cut() {
        return Optional.of(way.json());
    }

    @Override
    public Optional<Map<String, Object>> afterwards() {
        return Optional.of(PreTokenizer.byteLevel(true));
    }

    @Override
    public Map<String, Object> decoder() {
        return PreTokenizer.byteLevel(true);
    }

    @Override
    public Map<String, Object> model() {
        return object("type", "BPE", "dropout", null, "unk_token", null, "continuing_subword_prefix", null,
                "end_of_word_suffix", null, "fuse_unk", false, "byte_fallback", false, "ignore_merges",
                way.ignoreMerges(), "vocab", tokens.vocabulary(), "merges", merges);
    }

    @Override
    public Map<String, Object> settings() {
        return object("add_prefix_space", false);
    }

    @Override
    public int[] added() {
        return tokens.of(Tokens.CONTROL, Tokens.USER_DEFINED);
    }
}
