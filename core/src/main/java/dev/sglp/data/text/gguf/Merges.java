package dev.sglp.data.text.gguf;

import static dev.sglp.data.text.gguf.GgufTokenizer.refused;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.function.IntToDoubleFunction;

/// The merges that a vocabulary of SentencePiece stands for: every piece of two others, the best first. Of one piece the longer
/// beginning comes first, as in transformers.
final class Merges {
    private Merges() {}

    /// @param rank of the piece they make; lower is earlier
    private record Merge(String left, String right, double rank) {}

    private static final Comparator<Merge> ORDER = Comparator.comparingDouble(Merge::rank)
            .thenComparing(Comparator.comparingInt((Merge m) -> codePoints(m.left)).reversed());

    private static int codePoints(String text) {
        return text.codePointCount(0, text.length());
    }

    /// The highest score first.
    ///
    /// @throws IOException where two pieces have the same: which goes first, text would decide
    static List<List<String>> byScore(Tokens tokens, double[] scores) throws IOException {
        var merges = all(tokens, id -> tokens.type(id) == Tokens.NORMAL, id -> 0 - scores[id]);
        var made = new HashMap<Double, String>();
        for (var merge : merges) {
            var piece = merge.left + merge.right;
            var other = made.putIfAbsent(merge.rank, piece);
            if (other != null && !other.equals(piece)) {
                throw refused("the pieces '%s' and '%s' have the same score, %s: which is made first is not told"
                        .formatted(other, piece, 0 - merge.rank));
            }
        }
        return pairs(merges);
    }

    /// The first in the file first.
    static List<List<String>> byPlace(Tokens tokens) {
        return pairs(all(tokens, id -> tokens.type(id) != Tokens.UNUSED, id -> id));
    }

    private static List<Merge> all(Tokens tokens, IntPredicate merged, IntToDoubleFunction rank) {
        var known = new HashSet<String>();
        for (int id = 0; id < tokens.size(); id++) {
            if (merged.test(id)) {
                known.add(tokens.get(id));
            }
        }
        var all = new ArrayList<Merge>();
        for (int id = 0; id < tokens.size(); id++) {
            var piece = tokens.get(id);
            if (merged.test(id)) {
                for (int at = 1; at < piece.length(); at++) {
                    if (!Character.isLowSurrogate(piece.charAt(at)) && known.contains(piece.substring(0, at))
                            && known.contains(piece.substring(at))) {
                        all.add(new Merge(piece.substring(0, at), piece.substring(at), rank.applyAsDouble(id)));
                    }
                }
            }
        }
        all.sort(ORDER);
        return all;
    }

    private static List<List<String>> pairs(List<Merge> merges) {
        return merges.stream().map(m -> List.of(m.left, m.right)).toList();
    }
}
