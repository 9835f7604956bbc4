package dev.sglp.fault;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/// Names that may have been meant.
public final class Near {
    private Near() {}

    /// Letters to insert, drop or replace (Levenshtein's distance).
    public static int edits(String from, String to) {
        int[] row = IntStream.rangeClosed(0, to.length()).toArray();
        for (int i = 1; i <= from.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= to.length(); j++) {
                int replaced = diagonal + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[to.length()];
    }

    /// Those that hold the word, then those that stand in it or of which at most a third of the letters differ; the nearest first.
    public static List<String> of(String word, Collection<String> names, int most) {
        return names.stream()
                .filter(name -> name.contains(word) || word.contains(name) || 3 * edits(word, name) <= name.length())
                .sorted(Comparator.comparing((String name) -> !name.contains(word))
                        .thenComparing(name -> edits(word, name)).thenComparing(name -> name))
                .limit(most).toList();
    }
}
