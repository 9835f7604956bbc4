package dev.sglp.cli.text;

import dev.sglp.data.text.TextWindows;
import dev.sglp.fault.InputException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// Several texts to train on, of each as much as is wanted.
final class HealingText {
    private HealingText() {}

    /// @param texts   cut in the same way
    /// @param weights tokens of each, in proportion; none: all of each
    /// @param tokens  of all together where there are weights; 0: as many as the proportion allows
    /// @throws InputException where a text is too short for its share
    static TextWindows mixed(List<TextWindows> texts, List<Double> weights, long tokens) {
        if (weights.isEmpty()) {
            return joined(texts);
        }
        double sum = weights.stream().mapToDouble(w -> w).sum();
        double most = IntStream.range(0, texts.size()).mapToDouble(i -> texts.get(i).total() * sum / weights.get(i))
                .min().orElse(0);
        double wanted = tokens == 0 ? most : tokens;
        var parts = new ArrayList<TextWindows>();
        for (int i = 0; i < texts.size(); i++) {
            var text = texts.get(i);
            double share = wanted * weights.get(i) / sum;
            if (share > text.total()) {
                throw new InputException(
                        "[%s] has %,d tokens, but its share of --heal-tokens is %,.0f. Lower --heal-tokens or its weight"
                                .formatted(text.source(), text.total(), share));
            }
            parts.add(evenly(text, windows(text, (long) share)));
        }
        return joined(parts);
    }

    private static TextWindows joined(List<TextWindows> texts) {
        return texts.size() == 1
                ? texts.getFirst()
                : TextWindows.joined(texts.stream().map(TextWindows::source).collect(Collectors.joining(" and ")),
                        texts);
    }

    /// How many windows make so many tokens; at least 1.
    static int windows(TextWindows of, long tokens) {
        return Math.toIntExact(Math.clamp(Math.round(tokens * (double) of.size() / of.total()), 1, of.size()));
    }

    /// So many windows of a text, drawn evenly.
    ///
    /// @param count at most all
    static TextWindows evenly(TextWindows of, int count) {
        return of.select(of.source(),
                IntStream.range(0, count).map(i -> Math.toIntExact((long) i * of.size() / count)).toArray());
    }
}
