package dev.sglp.similarity;

import dev.sglp.similarity.Cells.Cell;
import dev.sglp.similarity.GramTiles.Tile;
import dev.sglp.tensor.DType;
import dev.sglp.tensor.Scope;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import org.bytedeco.pytorch.Tensor;

/// One walk over all blocks of cells; the layers' centres are found with the first. Free it.
final class GramSweep {
    private final LayerRows rows;
    private final Cells cells;
    private final long[] widths;
    private final List<Centre> centres = new ArrayList<>();

    /// @param widths features of each layer
    GramSweep(LayerRows rows, Cells cells, long... widths) {
        this.rows = rows;
        this.cells = cells;
        this.widths = widths;
    }

    private int examples() {
        return rows.examples().count();
    }

    /// How many examples run for the block that begins with this cell.
    long passes(int first) {
        return rows.batches(cells.cell(first).from(), examples()).stream().mapToLong(LayerRows.Run::count).sum();
    }

    /// Pairs of cells `[first, end)` and those that follow.
    ///
    /// @param ran  told how many examples have run
    /// @param told each tile, good until it returns
    void block(int first, int end, IntConsumer ran, Consumer<Tile> told) {
        var own = cells.span(first, end);
        var kept = rows.kept(own.from(), own.to(), widths, ran);
        if (centres.isEmpty()) {
            Arrays.stream(kept).map(layer -> Centre.of(cells.cell(0).of(layer, 0, 0))).forEach(centres::add);
        }
        var block = new Block(cells.all().subList(first, end), own, kept, squares(own, kept));
        cells.pairs(first, end, (row, column) -> Scope.run(() -> told.accept(inside(block, row, column))));
        beside(block, ran, told);
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

    private Tensor squares(Cell own, Tensor... kept) {
        var squares = zeros(own.size());
        for (int layer = 0; layer < rows.layers(); layer++) {
            for (var cell : cells.cut(own)) {
                squares(layer, cell.of(kept[layer], 0, own.from()), cell.of(squares.select(0, layer), 0, own.from()));
            }
        }
        return squares;
    }

    private Tensor zeros(long... shape) {
        long[] all = new long[shape.length + 1];
        all[0] = rows.layers();
        System.arraycopy(shape, 0, all, 1, shape.length);
        return rows.model().device().zeros(DType.F64, all);
    }

    private void squares(int layer, Tensor x, Tensor to) {
        Scope.run(() -> to.copy_(centres.get(layer).squares(x)));
    }

    private void products(int layer, Tensor x, Tensor y, Tensor to) {
        Scope.run(() -> to.copy_(centres.get(layer).products(x, y)));
    }

    /// A pair of the block's own cells, from the rows that are there; columns as they would come, batch by batch.
    private Tile inside(Block block, Cell row, Cell column) {
        var grams = zeros(row.size(), column.size());
        var pieces = rows.batches(column.from(), column.to()).stream().map(run -> run.examples().and(column)).toList();
        for (int layer = 0; layer < rows.layers(); layer++) {
            for (var piece : pieces) {
                products(layer, block.of(row, layer), block.of(piece, layer),
                        piece.of(grams.select(0, layer), 1, column.from()));
            }
        }
        return new Tile(grams, row.from(), column.from(), column.to() == examples(), block.squares(row),
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

    /// Pairs of the block's cells and those behind it, which run batch by batch.
    private void beside(Block block, IntConsumer ran, Consumer<Tile> told) {
        var open = new TreeMap<Integer, Column>(); // by the cell's place: a later batch completes it
        try {
            for (var run : rows.batches(block.own.to(), examples())) {
                Scope.run(() -> past(block, run, open));
                ran.accept(run.count());
                while (!open.isEmpty() && open.firstEntry().getValue().cell.to() <= run.examples().to()) {
                    var column = open.firstEntry().getValue();
                    Scope.run(() -> tiles(block, column, told));
                    open.pollFirstEntry();
                    column.free();
                }
            }
        } finally {
            open.values().forEach(Column::free);
        }
    }

    /// A batch runs past the block.
    private void past(Block block, LayerRows.Run run, Map<Integer, Column> open) {
        var pieces = cells.cut(run.examples().and(new Cell(block.own.to(), examples())));
        for (var piece : pieces) {
            open.computeIfAbsent(cells.place(piece.from()), place -> {
                var cell = cells.cell(place);
                return new Column(cell, Scope.own(zeros(block.own.size(), cell.size())),
                        Scope.own(zeros(cell.size())));
            });
        }
        rows.forward(run.from(), run.to(), (layer, x) -> {
            for (var piece : pieces) {
                var column = open.get(cells.place(piece.from()));
                int start = column.cell.from();
                var other = piece.of(x, 0, run.examples().from());
                squares(layer, other, piece.of(column.squares.select(0, layer), 0, start));
                for (var row : block.cells) {
                    products(layer, block.of(row, layer), other,
                            piece.of(row.of(column.grams.select(0, layer), 0, block.own.from()), 1, start));
                }
            }
        });
    }

    private void tiles(Block block, Column column, Consumer<Tile> told) {
        for (var row : block.cells) {
            told.accept(new Tile(row.of(column.grams, 1, block.own.from()), row.from(), column.cell.from(),
                    column.cell.to() == examples(), block.squares(row), column.squares));
        }
    }

    void free() {
        centres.forEach(Centre::free);
        centres.clear();
    }
}
