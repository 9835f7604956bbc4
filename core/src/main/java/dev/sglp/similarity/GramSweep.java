package dev.sglp.similarity;

import dev.sglp.similarity.Cells.Cell;
import dev.sglp.similarity.GramTiles.Tile;
import dev.sglp.similarity.LayerRows.Run;
import dev.sglp.tensor.DType;
import dev.sglp.tensor.Scope;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/// One walk over all blocks of cells; the layers' centres are found with the first. Free it.
final class GramSweep {
    private final LayerRows rows;
    private final Cells cells;
    private final long[] widths;
    private final @Nullable Centre[] centres;
    private final List<Run> runs;
    private final int examples;

    /// @param widths features of each layer
    GramSweep(LayerRows rows, Cells cells, long... widths) {
        this.rows = rows;
        this.cells = cells;
        this.widths = widths;
        centres = new Centre[widths.length];
        examples = rows.examples().count();
        runs = rows.batches(0, examples);
    }

    Cells cells() {
        return cells;
    }

    /// The passes in which some of these examples are.
    private List<Run> runs(Cell wanted) {
        return runs.stream().filter(run -> run.examples().and(wanted).size() > 0).toList();
    }

    /// How many examples run for the block that begins with this cell.
    long passes(int first) {
        return runs(new Cell(cells.cell(first).from(), examples)).stream().mapToLong(Run::count).sum();
    }

    /// Pairs of cells `[first, end)` and those that follow.
    ///
    /// @param ran  told how many examples have run
    /// @param told each tile, good until it returns
    void block(int first, int end, IntConsumer ran, Consumer<Tile> told) {
        var own = cells.span(first, end);
        var block = new Block(cells.all().subList(first, end), own, rows.none(own, widths), zeros(own.size()));
        var open = new TreeMap<Integer, Column>(); // by the cell's place: a later batch completes it
        try {
            rows.keep(own, block.kept, ran, (run, layer, x) -> past(block, run, layer, x, open));
            squares(block);
            cells.pairs(first, end, (row, column) -> Scope.run(() -> told.accept(inside(block, row, column))));
            int done = runs(own).getLast().examples().to();
            complete(block, done, open, told);
            for (var run : runs(new Cell(done, examples))) {
                rows.forward(run.from(), run.to(), (layer, x) -> past(block, run, layer, x, open));
                ran.accept(run.count());
                complete(block, run.examples().to(), open, told);
            }
        } finally {
            open.values().forEach(Column::free);
        }
    }

    /// Rows in memory.
    ///
    /// @param own     its examples
    /// @param kept    of each layer, `[b, d]`
    /// @param squares `[N, b]`
    private record Block(List<Cell> cells, Cell own, Tensor[] kept, Tensor squares) {
        Tensor of(Cell cell, int layer) {
            return cell.of(kept[layer], 0, own.from());
        }

        Tensor squares(Cell cell) {
            return cell.of(squares, 1, own.from());
        }
    }

    private Tensor zeros(long... shape) {
        long[] all = new long[shape.length + 1];
        all[0] = rows.layers();
        System.arraycopy(shape, 0, all, 1, shape.length);
        return rows.model().device().zeros(DType.F64, all);
    }

    /// Of the first block, whose rows of this layer are there.
    private Centre centre(Block block, int layer) {
        if (centres[layer] == null) {
            centres[layer] = Centre.of(block.of(cells.cell(0), layer));
        }
        return Objects.requireNonNull(centres[layer]);
    }

    private void squares(Block block) {
        for (int layer = 0; layer < rows.layers(); layer++) {
            var centre = centre(block, layer);
            for (var cell : block.cells) {
                var x = block.of(cell, layer);
                var to = cell.of(block.squares.select(0, layer), 0, block.own.from());
                Scope.run(() -> to.copy_(centre.squares(x)));
            }
        }
    }

    /// A pair of the block's own cells, from the rows that are there; columns as they would come, batch by batch.
    private Tile inside(Block block, Cell row, Cell column) {
        var grams = zeros(row.size(), column.size());
        var pieces = runs(column).stream().map(run -> run.examples().and(column)).toList();
        for (int layer = 0; layer < rows.layers(); layer++) {
            int at = layer;
            var others = pieces.stream().map(piece -> block.of(piece, at)).toList();
            var to = pieces.stream().map(piece -> piece.of(grams.select(0, at), 1, column.from())).toList();
            centre(block, layer).products(block.of(row, layer), others, to);
        }
        return new Tile(grams, row.from(), column.from(), column.to() == examples, block.squares(row),
                block.squares(column));
    }

    /// Every row of a block against a cell behind it.
    ///
    /// @param grams   `[N, b, c]`
    /// @param squares of the cell, `[N, c]`
    private record Column(Cell cell, Tensor grams, Tensor squares) {
        void free() {
            Scope.free(grams);
            Scope.free(squares);
        }
    }

    private Column column(Block block, Cell cell) {
        return new Column(cell, Scope.own(zeros(block.own.size(), cell.size())), Scope.own(zeros(cell.size())));
    }

    /// A batch's rows of a layer, as far as they lie behind the block, run past its own of that layer.
    ///
    /// @param x `[n, d]`
    private void past(Block block, Run run, int layer, Tensor x, NavigableMap<Integer, Column> open) {
        var centre = centre(block, layer);
        var pieces = cells.cut(run.examples().and(new Cell(block.own.to(), examples)));
        var others = pieces.stream().map(piece -> piece.of(x, 0, run.examples().from())).toList();
        var columns = pieces.stream().map(piece -> cells.place(piece.from()))
                .map(place -> open.computeIfAbsent(place, _ -> column(block, cells.cell(place)))).toList();
        for (int i = 0; i < pieces.size(); i++) {
            var to = pieces.get(i).of(columns.get(i).squares.select(0, layer), 0, columns.get(i).cell.from());
            var other = others.get(i);
            Scope.run(() -> to.copy_(centre.squares(other)));
        }
        for (var row : block.cells) {
            var to = new ArrayList<Tensor>();
            for (int i = 0; i < pieces.size(); i++) {
                var grams = row.of(columns.get(i).grams.select(0, layer), 0, block.own.from());
                to.add(pieces.get(i).of(grams, 1, columns.get(i).cell.from()));
            }
            centre.products(block.of(row, layer), others, to);
        }
    }

    /// Tells the cells that end before this example.
    private void complete(Block block, int example, NavigableMap<Integer, Column> open, Consumer<Tile> told) {
        while (!open.isEmpty() && open.firstEntry().getValue().cell.to() <= example) {
            var column = open.firstEntry().getValue();
            for (var row : block.cells) {
                Scope.run(() -> told.accept(new Tile(row.of(column.grams, 1, block.own.from()), row.from(),
                        column.cell.from(), column.cell.to() == examples, block.squares(row), column.squares)));
            }
            open.pollFirstEntry();
            column.free();
        }
    }

    void free() {
        Arrays.stream(centres).filter(Objects::nonNull).forEach(Centre::free);
        Arrays.fill(centres, null);
    }
}
