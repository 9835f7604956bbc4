package dev.sglp.training.course;

import dev.sglp.data.Dataset;
import dev.sglp.tensor.SplitMix;
import dev.sglp.training.TrainingSettings;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/// Where the steps of each pass over all items end, in the order that the pass has. A rest smaller than half a batch is left out, unless there
/// is nothing else: its statistics would be poor.
sealed interface Batches {
    /// Steps before a pass.
    long before(int pass);

    /// Steps of all passes, at least as many as are taken.
    default long all(int passes) {
        return before(passes);
    }

    /// Steps of a pass.
    default int steps(int pass) {
        return Math.toIntExact(before(pass + 1) - before(pass));
    }

    /// Steps of the shortest pass, without a rest.
    long fewest();

    /// Places in a pass's order at which its steps end.
    int[] ends(int[] order);

    /// By the settings.
    static Batches of(Dataset items, TrainingSettings settings) {
        if (settings.batchTokens() == 0 || items.size() == 0) {
            return new OfItems(items.size(), settings.batchSize());
        }
        int[] lengths = IntStream.range(0, items.size()).map(i -> Math.toIntExact(items.places(i, i + 1))).toArray();
        if (Arrays.stream(lengths).allMatch(length -> length == lengths[0])) {
            return new OfItems(lengths.length,
                    Math.toIntExact(Math.clamp(settings.batchTokens() / lengths[0], 1, lengths.length)));
        }
        return OfTokens.of(lengths, settings);
    }

    /// The items in the order of a pass.
    static int[] order(int items, TrainingSettings settings, int pass) {
        int[] order = IntStream.range(0, items).toArray();
        new SplitMix(SplitMix.mix(settings.seed(), pass)).shuffle(order);
        return order;
    }

    /// So many items each.
    record OfItems(int items, int size) implements Batches {
        private int whole() {
            return items / size;
        }

        private int all() {
            return whole() + (2 * (items % size) >= size || whole() == 0 ? 1 : 0);
        }

        @Override
        public long before(int pass) {
            return (long) all() * pass;
        }

        @Override
        public long fewest() {
            return Math.max(1, whole());
        }

        @Override
        public int[] ends(int[] order) {
            return IntStream.rangeClosed(1, all()).map(end -> Math.min(items, end * size)).toArray();
        }
    }

    /// As many items each as have so many tokens together at most, and one at least: their number differs from pass to pass.
    ///
    /// @param lengths of the items, in tokens
    /// @param begins  of the passes that there are, and where the last one ends, in steps
    record OfTokens(int[] lengths, long tokens, List<Long> begins) implements Batches {
        static OfTokens of(int[] lengths, TrainingSettings settings) {
            var begins = new ArrayList<>(List.of(0L));
            var batches = new OfTokens(lengths, settings.batchTokens(), begins);
            long most = settings.maxSteps() == 0 ? Long.MAX_VALUE : settings.maxSteps();
            for (int pass = 0; pass < settings.epochs() && begins.getLast() < most; pass++) {
                begins.add(begins.getLast() + batches.ends(order(lengths.length, settings, pass)).length);
            }
            return batches;
        }

        @Override
        public long before(int pass) {
            return begins.get(pass);
        }

        @Override
        public long all(int passes) {
            return begins.getLast();
        }

        @Override
        public long fewest() {
            return IntStream.range(0, begins.size() - 1).mapToLong(this::steps).min().orElse(1);
        }

        @Override
        public int[] ends(int[] order) {
            var ends = IntStream.builder();
            boolean none = true;
            long filled = 0;
            for (int i = 0; i < order.length; i++) {
                long length = lengths[order[i]];
                if (filled > 0 && filled + length > tokens) {
                    ends.add(i);
                    none = false;
                    filled = 0;
                }
                filled += length;
            }
            if (none || 2 * filled >= tokens) {
                ends.add(order.length);
            }
            return ends.build().toArray();
        }
    }
}
