package dev.sglp.similarity;

import dev.sglp.progress.Progress;
import dev.sglp.tensor.DType;
import dev.sglp.tensor.Scope;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/// The Gram matrices of all layers, one rectangle after the other, every pair of examples once. Of `n` examples a block keeps its
/// rows in memory, and all examples after it run forward past it; where everything fits there is one block, and one
/// forward pass.
final class GramTiles {
    /// Tiles are copied and multiplied: so many times their size is taken into account.
    private static final int COPIES = 3;

    private final LayerRows rows;
    private final long memoryBytes;

    /// @param memoryBytes about how much rows and tiles may take
    GramTiles(LayerRows rows, long memoryBytes) {
        this.rows = rows;
        this.memoryBytes = memoryBytes;
    }

    private int layers() {
        return rows.layers();
    }

    private int before(int item) {
        return rows.examples().before(item);
    }

    private long tileBytes(long examples, long others) {
        return Double.BYTES * COPIES * layers() * examples * others;
    }

    /// Whether one forward pass over all examples does, and no rows are kept.
    boolean atOnce() {
        int n = rows.examples().count();
        return rows.examples().items() <= rows.batchSize() && tileBytes(n, n) <= memoryBytes;
    }

    /// @param what told to the user
    /// @param told each tile, good until it returns
    void each(String what, Progress progress, Consumer<Tile> told) {
        if (!atOnce()) {
            each(what, rows.widths(), progress, told);
            return;
        }
        try (var _ = Scope.open(); var step = progress.step(what, layers(), "layers")) {
            told.accept(whole(step));
        }
    }

    /// The same, in blocks.
    ///
    /// @param widths features of each layer
    void each(String what, long[] widths, Progress progress, Consumer<Tile> told) {
        var ends = blockEnds(Arrays.stream(widths).sum());
        int n = rows.examples().count();
        long passes = IntStream.range(0, ends.size()).mapToLong(b -> n - (b == 0 ? 0 : before(ends.get(b - 1)))).sum();
        try (var step = progress.step(what, passes, unit())) {
            var sweep = new Sweep(widths, step, told);
            int from = 0;
            for (int end : ends) {
                int start = from;
                Scope.run(() -> sweep.block(start, end));
                from = end;
            }
            sweep.free();
        }
    }

    private String unit() {
        return rows.examples().tokens() ? "tokens" : "examples";
    }

    /// All examples in one forward pass: no rows are kept.
    private Tile whole(Progress.Step step) {
        int n = rows.examples().count();
        var grams = rows.model().device().zeros(DType.F64, layers(), n, n);
        rows.forward(0, rows.examples().items(), (layer, x) -> {
            var centre = Centre.of(x);
            grams.select(0, layer).copy_(centre.products(x, x));
            centre.free();
            step.advance(1);
        });
        var squares = grams.diagonal(0, 1, 2);
        return new Tile(grams, 0, 0, squares, squares);
    }

    /// Items after each block: all where their rows take less than half of the memory, else as many as fit beside a tile of a
    /// batch.
    private List<Integer> blockEnds(long features) {
        int items = rows.examples().items();
        if (Float.BYTES * features * before(items) <= memoryBytes / 2) {
            return List.of(items);
        }
        long batch = IntStream.iterate(0, i -> i < items, rows::batchEnd)
                .mapToLong(i -> before(rows.batchEnd(i)) - before(i)).max().orElse(1);
        long most = Math.max(1, memoryBytes / 2 / (Float.BYTES * features + tileBytes(1, batch)));
        var ends = new ArrayList<Integer>();
        int from = 0;
        for (int i = 1; i <= items; i++) {
            if (before(i) - before(from) > most && i - 1 > from) {
                from = i - 1;
                ends.add(from);
            }
        }
        ends.add(items);
        return ends;
    }

    /// One walk over all blocks; the layers' centres are found with the first.
    private final class Sweep {
        private final long[] widths;
        private final Progress.Step step;
        private final Consumer<Tile> told;
        private final List<Centre> centres = new ArrayList<>();

        Sweep(long[] widths, Progress.Step step, Consumer<Tile> told) {
            this.widths = widths;
            this.step = step;
            this.told = told;
        }

        void block(int from, int to) {
            var kept = rows.kept(from, to, widths, step::advance);
            if (centres.isEmpty()) {
                Arrays.stream(kept).map(Centre::of).forEach(centres::add);
            }
            var squares = stacked(layer -> centres.get(layer).squares(kept[layer]));
            inside(before(from), kept, squares);
            for (int start = to; start < rows.examples().items(); start = rows.batchEnd(start)) {
                int batch = start;
                Scope.run(() -> beside(before(from), kept, squares, batch));
            }
        }

        /// Pairs of the block's own examples, from the rows that are there.
        private void inside(int at, Tensor[] kept, Tensor squares) {
            int n = Math.toIntExact(squares.size(1));
            int most = (int) Math.max(1, Math.sqrt(memoryBytes / 4.0 / tileBytes(1, 1)));
            for (int r = 0; r < n; r += most) {
                for (int c = r; c < n; c += most) {
                    int row = r;
                    int column = c;
                    int height = Math.min(most, n - r);
                    int width = Math.min(most, n - c);
                    Scope.run(() -> told.accept(new Tile(
                            stacked(layer -> centres.get(layer).products(kept[layer].narrow(0, row, height),
                                    kept[layer].narrow(0, column, width))),
                            at + row, at + column, squares.narrow(1, row, height), squares.narrow(1, column, width))));
                }
            }
        }

        /// Pairs of the block's examples and those of the batch that begins with this item.
        private void beside(int at, Tensor[] kept, Tensor squares, int batch) {
            int end = rows.batchEnd(batch);
            int count = before(end) - before(batch);
            if (count == 0) {
                return;
            }
            var grams = rows.model().device().zeros(DType.F64, layers(), squares.size(1), count);
            var others = rows.model().device().zeros(DType.F64, layers(), count);
            rows.forward(batch, end, (layer, x) -> {
                grams.select(0, layer).copy_(centres.get(layer).products(kept[layer], x));
                others.select(0, layer).copy_(centres.get(layer).squares(x));
            });
            step.advance(count);
            told.accept(new Tile(grams, at, before(batch), squares, others));
        }

        private Tensor stacked(IntFunction<Tensor> ofLayer) {
            return Scope.yield(() -> torch.stack(new TensorVector(
                    IntStream.range(0, layers()).mapToObj(ofLayer).toArray(Tensor[]::new))));
        }

        void free() {
            centres.forEach(Centre::free);
        }
    }
}
