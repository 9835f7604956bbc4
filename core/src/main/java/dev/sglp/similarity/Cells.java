package dev.sglp.similarity;

import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;

/// Examples in stretches of one length, the last of what is left: what is multiplied and summed together.
///
/// @param all  the stretches, in order
/// @param size examples of each
record Cells(List<Cell> all, int size) {
    /// Examples of a cell, where so many fit into memory.
    static final int MOST = 64;

    Cells {
        all = List.copyOf(all);
    }

    static Cells of(int examples, int size) {
        return new Cells(IntStream.iterate(0, from -> from < examples, from -> from + size)
                .mapToObj(from -> new Cell(from, Math.min(examples, from + size))).toList(), size);
    }

    /// Examples `[from, to)`.
    record Cell(int from, int to) {
        int size() {
            return to - from;
        }

        /// Their part of a tensor.
        ///
        /// @param dimension in which examples lie
        /// @param first     the example that is first there
        Tensor of(Tensor tensor, int dimension, int first) {
            return tensor.narrow(dimension, from - first, size());
        }

        /// What both hold; nothing where the end does not lie behind the beginning.
        Cell and(Cell other) {
            return new Cell(Math.max(from, other.from), Math.min(to, other.to));
        }
    }

    int count() {
        return all.size();
    }

    Cell cell(int place) {
        return all.get(place);
    }

    /// The examples of cells `[first, end)`.
    Cell span(int first, int end) {
        return new Cell(cell(first).from, cell(end - 1).to);
    }

    /// The cell that this example is in.
    int place(int example) {
        return example / size;
    }

    /// Told two cells, the second one the first or after it.
    interface Pair {
        void of(Cell row, Cell column);
    }

    /// Every two of cells `[first, end)`, row by row.
    void pairs(int first, int end, Pair told) {
        for (int r = first; r < end; r++) {
            for (int c = r; c < end; c++) {
                told.of(cell(r), cell(c));
            }
        }
    }

    /// These examples cut where cells end.
    List<Cell> cut(Cell examples) {
        return examples.size() <= 0
                ? List.of()
                : all.subList(place(examples.from), place(examples.to - 1) + 1).stream()
                        .map(cell -> cell.and(examples)).toList();
    }
}
