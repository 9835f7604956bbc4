package dev.sglp.checkpoint.gguf.dialect;

import dev.sglp.checkpoint.gguf.GgufPiece;
import dev.sglp.checkpoint.gguf.GgufPiece.Finish;
import dev.sglp.checkpoint.gguf.GgufTensor;
import dev.sglp.checkpoint.gguf.dialect.Said.Heads;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.function.LongUnaryOperator;

/// How a tensor lies in a GGUF file, against how transformers has it.
public interface Change {
    /// As it is.
    Change NONE = Change::one;
    /// The rows of a head in pairs that turn together, not first all first ones, then all second ones: Llama's queries and keys.
    Change PAIRS = (name, tensor, heads) -> one(name, GgufPiece.of(tensor).ordered(pairs(heads.size())));
    /// First all queries, then all keys, then all values, not group by group of heads that share a key.
    Change KINDS = (name, tensor, heads) -> one(name, GgufPiece.of(tensor).ordered(kinds(heads)));
    /// `[out, in]`, not `[in, out]`.
    Change TRANSPOSED = (name, tensor, heads) -> tensor.shape().size() == 2
            ? one(name, GgufPiece.of(tensor).shaped(tensor.shape().reversed()).finished(Finish.TRANSPOSED))
            : one(name, tensor, heads);
    /// A norm's numbers, not their difference from 1.
    Change MORE_BY_ONE = (name, tensor, _) -> one(name, GgufPiece.of(tensor).finished(Finish.LESS_ONE));
    /// A map to one number, not a matrix of one row.
    Change FLAT = (name, tensor, heads) -> tensor.shape().size() == 1
            ? one(name, GgufPiece.of(tensor).shaped(List.of(1L, tensor.shape().getFirst())))
            : one(name, tensor, heads);
    /// All of them one behind the other, not each by its number, which stands for `%d` in its name.
    Change STACKED = (name, tensor, _) -> stacked(name, tensor);

    /// Tensors by the names that transformers gives them.
    ///
    /// @param name the name of all
    SequencedMap<String, GgufPiece> of(String name, GgufTensor tensor, Heads heads);

    private static SequencedMap<String, GgufPiece> one(String name, GgufTensor tensor, Heads heads) {
        return one(name, GgufPiece.of(tensor));
    }

    private static SequencedMap<String, GgufPiece> one(String name, GgufPiece piece) {
        return new TreeMap<>(Map.of(name, piece));
    }

    private static SequencedMap<String, GgufPiece> stacked(String name, GgufTensor tensor) {
        var all = new LinkedHashMap<String, GgufPiece>();
        for (int i = 0; i < tensor.shape().getFirst(); i++) {
            all.put(name.formatted(i), GgufPiece.part(tensor, i));
        }
        return all;
    }

    private static LongUnaryOperator pairs(int size) {
        return row -> {
            long inHead = row % size;
            return row - inHead + inHead % (size / 2) * 2 + inHead / (size / 2);
        };
    }

    private static LongUnaryOperator kinds(Heads heads) {
        long queries = heads.query() / heads.key(); // of a group
        return row -> {
            long head = row / heads.size();
            long group = head / (queries + 2);
            long inGroup = head % (queries + 2);
            long place = inGroup < queries
                    ? group * queries + inGroup
                    : heads.query() + (inGroup - queries) * heads.key() + group;
            return place * heads.size() + row % heads.size();
        };
    }
}
