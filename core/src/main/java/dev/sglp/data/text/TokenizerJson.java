package dev.sglp.data.text;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.sglp.output.JsonDamage;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.IntPredicate;
import java.util.function.Predicate;

/// The content of a `tokenizer.json` and the tokens it names.
///
/// @param file what errors call it
/// @param text the content
/// @param ids  id of every token
record TokenizerJson(String file, String text, Map<String, Integer> ids) {
    private static final int MOST_TOKENS = 1 << 24;
    private static final JsonMapper JSON = new JsonMapper();

    /// @throws IOException where it is not JSON, or a token's id is not a small whole number
    static TokenizerJson of(String file, String text) throws IOException {
        var ids = new HashMap<String, Integer>();
        try {
            var root = JSON.readTree(text);
            for (var added : root.path("added_tokens")) {
                ids.put(added.path("content").asText(), id(file, added.path("id")));
            }
            var vocabulary = root.path("model").path("vocab");
            if (vocabulary.isObject()) {
                for (var entry : vocabulary.properties()) {
                    ids.put(entry.getKey(), id(file, entry.getValue()));
                }
            } else { // Unigram: pairs of piece and score, in order of their ids
                int next = 0;
                for (var piece : vocabulary) {
                    ids.put(piece.path(0).asText(), next++);
                }
            }
        } catch (JsonProcessingException e) {
            throw new IOException("[%s] is not JSON: %s".formatted(file, JsonDamage.of(e)), e);
        }
        if (ids.isEmpty()) {
            throw new IOException("[%s] names no tokens. Maybe it is not a tokenizer.json".formatted(file));
        }
        return new TokenizerJson(file, text, ids);
    }

    private static int id(String file, JsonNode node) throws IOException {
        if (!node.canConvertToInt() || node.intValue() < 0 || node.intValue() >= MOST_TOKENS) {
            throw new IOException("[%s] has a token with the id %s; expected a whole number below %,d".formatted(file,
                    node, MOST_TOKENS));
        }
        return node.intValue();
    }

    /// The same without some added tokens: text that spells one is read as any other.
    ///
    /// @throws IOException where no other token is named
    TokenizerJson withoutAdded(IntPredicate ids) throws IOException {
        var root = JSON.readTree(text);
        boolean changed = root.path("added_tokens") instanceof ArrayNode tokens
                && removeIf(tokens, token -> ids.test(token.path("id").asInt(-1)));
        return changed ? of(file, JSON.writeValueAsString(root)) : this;
    }

    private static boolean removeIf(ArrayNode array, Predicate<JsonNode> test) {
        int before = array.size();
        array.removeIf(test);
        return array.size() < before;
    }

    /// One more than the largest id.
    int vocabulary() {
        return 1 + ids.values().stream().mapToInt(Integer::intValue).max().orElse(-1);
    }

    OptionalInt id(String token) {
        var id = ids.get(token);
        return id == null ? OptionalInt.empty() : OptionalInt.of(id);
    }
}
