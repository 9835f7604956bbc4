package dev.sglp.data.text.gguf;

import static dev.sglp.data.text.gguf.PreTokenizer.object;

import java.util.Map;
import java.util.Optional;

/// How a kind of tokenizer is told in tokenizer.json, but for the tokens that stand around a text.
interface Pieces {
    Tokens tokens();

    /// Whether a BOS is put before each text where `tokenizer.ggml.add_bos_token` is not given.
    boolean bosByDefault();

    Optional<Map<String, Object>> normalizer();

    /// The pre-tokenizer.
    Optional<Map<String, Object>> cut();

    /// What a post-processor does besides.
    Optional<Map<String, Object>> afterwards();

    Map<String, Object> decoder();

    Map<String, Object> model();

    /// Its own lines of tokenizer_config.json.
    Map<String, Object> settings();

    /// The tokens that are found in a text before it is cut, by id.
    int[] added();

    /// Whether the blanks after such a token go with it.
    default boolean takesBlanks(int id) {
        return false;
    }

    /// How such a token is told.
    default Map<String, Object> added(int id) {
        return object("content", tokens().get(id), "lstrip", false, "normalized", false, "rstrip", takesBlanks(id),
                "single_word", false, "special", tokens().type(id) != Tokens.USER_DEFINED);
    }
}
