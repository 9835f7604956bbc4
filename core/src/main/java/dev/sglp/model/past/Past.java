package dev.sglp.model.past;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// What a network keeps of a batch of texts that go on, so that a pass reads their next tokens alone: a key-value cache. It owns native
/// memory until it is closed.
public final class Past implements AutoCloseable {
    private static final int NOTHING = 64; // columns that hold nothing of any text before they go
    private final Map<String, Kept> blocks = new LinkedHashMap<>();
    private final List<Integer> padding; // of each text
    private int columns;
    private @Nullable Step now;

    private Past(int columns, List<Integer> padding) {
        this.columns = columns;
        this.padding = new ArrayList<>(padding);
    }

    /// Of so many texts, of which nothing has been read: their beginnings are equally long.
    public static Past nothing(int texts) {
        return new Past(0, Collections.nCopies(texts, 0));
    }

    /// Some texts of a batch.
    ///
    /// @param places in the batch
    public record Texts(Past batch, List<Integer> places) {
        public Texts {
            places = List.copyOf(places);
        }

        /// All of a batch.
        public static Texts all(Past batch) {
            return new Texts(batch, IntStream.range(0, batch.texts()).boxed().toList());
        }

        private int longest() {
            return places.stream().mapToInt(batch::length).max().orElse(0);
        }
    }

    /// Texts that have ended give their places to others: nothing else of the batch moves. What the others lay in is closed.
    ///
    /// @param ended  places of this batch, as many as there are others
    /// @param others which have read no more columns
    /// @return whether they could; else nothing happened
    public boolean replace(List<Integer> ended, List<Texts> others) {
        int joining = others.stream().mapToInt(o -> o.places.size()).sum();
        if (joining != ended.size() || others.stream().anyMatch(o -> o.batch.columns > columns)) {
            return false;
        }
        over();
        int at = 0;
        for (var other : others) {
            var places = ended.subList(at, at + other.places.size());
            blocks.forEach((name, kept) -> kept.replace(places, columns,
                    other.batch.blocks.get(name).some(other.places, other.batch.columns)));
            for (int i = 0; i < places.size(); i++) {
                padding.set(places.get(i), columns - other.batch.length(other.places.get(i)));
            }
            at += places.size();
            other.batch.close();
        }
        leave(Collections.min(padding));
        return true;
    }

    /// Columns that hold nothing of any text go, where they are many.
    private void leave(int nothing) {
        if (nothing >= NOTHING) {
            blocks.values().forEach(kept -> kept.leave(nothing, columns));
            columns -= nothing;
            padding.replaceAll(p -> p - nothing);
        }
    }

    /// One batch of texts of several, below each other. What they lay in is closed, block by block.
    public static Past gathered(List<Texts> some) {
        int columns = some.stream().mapToInt(Texts::longest).max().orElseThrow();
        var padding = new ArrayList<Integer>();
        some.forEach(s -> s.places.forEach(i -> padding.add(columns - s.batch.length(i))));
        var all = new Past(columns, List.copyOf(padding));
        for (var name : some.getFirst().batch.blocks.keySet()) {
            all.blocks.put(name,
                    Kept.gathered(some.stream().map(s -> s.batch.blocks.get(name).some(s.places, s.batch.columns))
                            .toList(), columns));
            some.forEach(s -> s.batch.blocks.get(name).close());
        }
        some.forEach(s -> s.batch.close());
        return all;
    }

    /// Texts of the batch.
    public int texts() {
        return padding.size();
    }

    /// Tokens that have been read of a text.
    public int length(int text) {
        return columns - padding.get(text);
    }

    /// The pass that reads so many more tokens of each text.
    public Step step(long tokens) {
        var found = now;
        if (found == null || found.places().length() != tokens) {
            over();
            found = new Step(new Places(columns, Math.toIntExact(tokens),
                    padding.stream().allMatch(p -> p == 0) ? List.of() : List.copyOf(padding)));
            now = found;
        }
        return found;
    }

    private void over() {
        if (now != null) {
            now.over();
            now = null;
        }
    }

    /// What is kept of a block.
    public Kept of(String block) {
        return blocks.computeIfAbsent(block, _ -> new Kept());
    }

    /// After a pass that read so many tokens of each text.
    public void read(long tokens) {
        columns += Math.toIntExact(tokens);
        over();
    }

    @Override
    public void close() {
        over();
        blocks.values().forEach(Kept::close);
        blocks.clear();
    }
}
