package dev.sglp.similarity;

import dev.sglp.model.wave.LayerSource;
import dev.sglp.progress.Progress;
import dev.sglp.tensor.DType;
import dev.sglp.tensor.Scope;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/// The Gram matrices of all layers, cell by cell ({@link Cells}), every pair of examples once. Of `n` examples a block of whole cells keeps
/// its rows in memory, and all examples after it run forward past it, or come from the disk where layers are read from a file;
/// where everything fits there is one block, and one forward pass. What is multiplied with what, and in which order the tiles of a
/// row of cells are told, does not depend on how many fit: less memory takes more passes and changes no bit, as long as a whole
/// cell fits.
final class GramTiles {
    /// A rectangle of every layer's Gram matrix, rows about a common centre; float64.
    ///
    /// @param grams       `[N, r, c]`
    /// @param from        its first row's example
    /// @param to          its first column's example; at least `from`, and equal only where rows and columns are the same
    /// @param last        whether its columns end with the last example: nothing of its rows follows
    /// @param rowSquares  squared norms of the rows' examples, `[N, r]`
    /// @param colSquares  squared norms of the columns' examples, `[N, c]`
    record Tile(Tensor grams, int from, int to, boolean last, Tensor rowSquares, Tensor colSquares) {
        int rows() {
            return Math.toIntExact(grams.size(1));
        }

        int columns() {
            return Math.toIntExact(grams.size(2));
        }

        /// Whether it lies on the diagonal: else it stands for its mirror image too.
        boolean diagonal() {
            return from == to;
        }

        /// Squared distances between examples, `[N, r, c]`, at least 0.
        Tensor squaredDistances() {
            return rowSquares.unsqueeze(2).add(colSquares.unsqueeze(1)).sub_(grams.mul(new Scalar(2.0)))
                    .clamp_min_(new Scalar(0.0));
        }

        /// The same examples compared otherwise.
        Tile with(Tensor kernel) {
            return new Tile(kernel, from, to, last, rowSquares, colSquares);
        }
    }

    /// A tile that is told is copied and multiplied: so many times its size is taken into account.
    private static final int COPIES = 3;

    private final LayerRows rows;
    private final int sums;
    private final long memoryBytes;

    /// @param sums        that are told every tile
    /// @param memoryBytes about how much rows, tiles and sums may take
    GramTiles(LayerRows rows, int sums, long memoryBytes) {
        this.rows = rows;
        this.sums = sums;
        this.memoryBytes = memoryBytes;
    }

    private int examples() {
        return rows.examples().count();
    }

    private long tileBytes(long examples, long others) {
        return Double.BYTES * COPIES * rows.layers() * examples * others;
    }

    /// Whether one forward pass over all examples does, and no rows are kept.
    boolean atOnce() {
        return rows.examples().items() <= rows.batchSize() && tileBytes(examples(), examples()) <= memoryBytes;
    }

    /// @param what told to the user
    /// @param told each tile, good until it returns
    void each(String what, Progress progress, Consumer<Tile> told) {
        if (!atOnce()) {
            each(what, rows.widths(), progress, told);
            return;
        }
        try (var _ = Scope.open(); var step = progress.step(what, rows.layers(), "layers")) {
            whole(Cells.of(examples(), Cells.MOST), step, told);
        }
    }

    /// The same, in blocks.
    ///
    /// @param widths features of each layer
    void each(String what, long[] widths, Progress progress, Consumer<Tile> told) {
        int most = cell();
        long features = Arrays.stream(widths).sum();
        long fit = fit(features, most);
        int size = (int) Math.min(most, fit);
        var cells = Cells.of(examples(), size);
        int block = fit >= examples() ? cells.count() : Math.clamp(fit / size, 1, cells.count());
        boolean fewer = !rows.examples().tokens() && fit < rows.batchSize(); // no more are run than are kept
        var run = fewer ? rows.in(size) : rows;
        long bytes = Float.BYTES * features * examples();
        var disk = rows.source()
                .filter(source -> block < cells.count() && source.onDisk() && source.disk(0) / 2 >= bytes);
        if (disk.isEmpty()) {
            sweep(what, new GramSweep(run, cells, widths), block, progress, told);
            return;
        }
        progress.say(disk.get().reserve("outputs of layers that are compared", bytes));
        try (var place = disk.get().place()) {
            var waiting = aside(what, place, progress);
            sweep("comparing them", new GramSweep(waiting, cells, widths), block, progress, told);
        }
    }

    private LayerRows aside(String what, LayerSource.Place place, Progress progress) {
        try (var step = progress.step(what, examples(), unit())) {
            return rows.aside(place, step::advance);
        }
    }

    private String unit() {
        return rows.examples().tokens() ? "tokens" : "examples";
    }

    /// @param block cells at a time
    private void sweep(String what, GramSweep sweep, int block, Progress progress, Consumer<Tile> told) {
        var cells = sweep.cells();
        long passes = IntStream.iterate(0, first -> first < cells.count(), first -> first + block)
                .mapToLong(sweep::passes).sum();
        try (var step = progress.step(what, passes, unit())) {
            for (int first = 0; first < cells.count(); first += block) {
                int begin = first;
                Scope.run(() -> sweep.block(begin, Math.min(cells.count(), begin + block), step::advance, told));
            }
        } finally {
            sweep.free();
        }
    }

    /// Examples of a cell: fewer than usual where a tile of so many takes more than half of the memory.
    private int cell() {
        return (int) Math.clamp(Math.sqrt(memoryBytes / 2.0 / tileBytes(1, 1)), 1, Math.min(Cells.MOST, examples()));
    }

    /// How many rows fit, with what each sum has open for a cell of them: all of them, else as many as do beside their products with a batch
    /// and the cell that it may leave open.
    private long fit(long features, int cell) {
        long room = memoryBytes - tileBytes(cell, cell);
        double each = Float.BYTES * (double) features
                + Double.BYTES * sums * (double) rows.layers() * rows.layers() / cell;
        if (each * examples() <= room) {
            return examples();
        }
        long batch = rows.batches(0, examples()).stream().mapToLong(LayerRows.Run::count).max().orElse(1);
        return (long) Math.max(1, room / (each + Double.BYTES * (double) rows.layers() * (batch + cell)));
    }

    /// All examples in one forward pass: no rows are kept.
    private void whole(Cells cells, Progress.Step step, Consumer<Tile> told) {
        int n = examples();
        var grams = rows.model().device().zeros(DType.F64, rows.layers(), n, n);
        var squares = rows.model().device().zeros(DType.F64, rows.layers(), n);
        rows.forward(0, rows.examples().items(), (layer, x) -> {
            var centre = Centre.of(cells.cell(0).of(x, 0, 0));
            cells.pairs(0, cells.count(), (row, column) -> {
                var own = row.of(x, 0, 0);
                if (row.equals(column)) {
                    row.of(squares.select(0, layer), 0, 0).copy_(centre.squares(own));
                }
                centre.products(own, List.of(column.of(x, 0, 0)),
                        List.of(column.of(row.of(grams.select(0, layer), 0, 0), 1, 0)));
            });
            centre.free();
            step.advance(1);
        });
        cells.pairs(0, cells.count(), (row, column) -> told.accept(new Tile(
                column.of(row.of(grams, 1, 0), 2, 0), row.from(), column.from(), column.to() == n,
                row.of(squares, 1, 0), column.of(squares, 1, 0))));
    }
}
