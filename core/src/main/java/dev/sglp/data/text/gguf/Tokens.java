package dev.sglp.data.text.gguf;

import static dev.sglp.data.text.gguf.GgufTokenizer.PREFIX;

import java.io.IOException;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/// The tokens of a GGUF file.
///
/// @param all   by id
/// @param types by id; empty: all normal
record Tokens(List<String> all, int[] types) {
    static final int NORMAL = 1;
    static final int UNKNOWN = 2;
    static final int CONTROL = 3;
    static final int USER_DEFINED = 4;
    static final int UNUSED = 5;
    static final int BYTE = 6;

    /// @param spelling how a token is written here
    /// @throws IOException where they contradict each other
    static Tokens of(GgufMetadata metadata, UnaryOperator<String> spelling) throws IOException {
        var all = metadata.strings(PREFIX + "tokens").stream().map(spelling).toList();
        var types = metadata.numbers(PREFIX + "token_type");
        if (types.length != 0 && types.length != all.size()) {
            throw new IOException("GGUF metadata: %d tokens, but %d token types".formatted(all.size(), types.length));
        }
        var seen = new HashSet<String>();
        for (var token : all) {
            if (!seen.add(token)) {
                throw new IOException("GGUF metadata: the token '%s' is there twice".formatted(token));
            }
        }
        return new Tokens(all, types);
    }

    int size() {
        return all.size();
    }

    String get(int id) {
        return all.get(id);
    }

    int type(int id) {
        return types.length == 0 ? NORMAL : types[id];
    }

    /// Those of these types, in order.
    int[] of(Integer... wanted) {
        var set = Set.of(wanted);
        return IntStream.range(0, size()).filter(id -> set.contains(type(id))).toArray();
    }

    /// Id by token, without those that are unused.
    Map<String, Integer> vocabulary() {
        var vocabulary = new LinkedHashMap<String, Integer>();
        for (int id = 0; id < size(); id++) {
            if (type(id) != UNUSED) {
                vocabulary.put(get(id), id);
            }
        }
        return vocabulary;
    }
}
