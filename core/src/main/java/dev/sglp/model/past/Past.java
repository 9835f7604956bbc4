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
    private final Map<String, Kept> blocks = new LinkedHashMap<>();
    private final List<Integer> padding; // of each text
    private int columns;
    private @Nullable Step now;

    private Past(int columns, List<Integer> padding) {
        this.columns = columns;
        this.padding = padding;
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

    /// One batch of texts of several, below each other. What they lay in is closed.
    public static Past gathered(List<Texts> some) {
        int columns = some.stream().mapToInt(Texts::longest).max().orElseThrow();
        var padding = new ArrayList<Integer>();
        some.forEach(s -> s.places.forEach(i -> padding.add(columns - s.batch.length(i))));
        var all = new Past(columns, List.copyOf(padding));
        for (var name : some.getFirst().batch.blocks.keySet()) {
            all.blocks.put(name,
                    Kept.gathered(some.stream().map(s -> s.batch.blocks.get(name).some(s.places, s.batch.columns))
                            .toList(), columns));
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
                    padding.stream().allMatch(p -> p == 0) ? List.of() : padding));
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
