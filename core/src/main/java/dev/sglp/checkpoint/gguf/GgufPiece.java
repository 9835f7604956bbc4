package dev.sglp.checkpoint.gguf;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import java.util.function.LongUnaryOperator;

/// A tensor as it is meant to be, and where and how a GGUF file holds it.
///
/// @param from   what is read of the file, row by row
/// @param shape  of what comes out
/// @param order  for each row that comes out, the row of `from`
/// @param finish what is done with the numbers
public record GgufPiece(GgufTensor from, List<Long> shape, LongUnaryOperator order, Finish finish) {
    /// What is done with the numbers once they are read.
    public enum Finish {
        NONE,
        /// The file has the number by which is multiplied, the network its difference from 1.
        LESS_ONE,
        /// The file has `[out, in]`, the network `[in, out]`.
        TRANSPOSED
    }

    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED
            .withOrder(ByteOrder.LITTLE_ENDIAN);

    public GgufPiece {
        shape = List.copyOf(shape);
    }

    /// A tensor as the file has it.
    public static GgufPiece of(GgufTensor tensor) {
        return new GgufPiece(tensor, tensor.shape(), LongUnaryOperator.identity(), Finish.NONE);
    }

    public GgufPiece shaped(List<Long> other) {
        return new GgufPiece(from, other, order, finish);
    }

    public GgufPiece finished(Finish other) {
        return new GgufPiece(from, shape, order, other);
    }

    /// Rows in another order; where it has one size, its numbers.
    public GgufPiece ordered(LongUnaryOperator other) {
        var rows = from.shape().size() == 1
                ? new GgufTensor(from.name(), from.type(), List.of(from.shape().getFirst(), 1L), from.offset(),
                        from.bytes())
                : from;
        return new GgufPiece(rows, shape, other, finish);
    }

    /// One of the equal parts that lie one behind the other.
    public static GgufPiece part(GgufTensor all, long index) {
        var shape = all.shape().subList(1, all.shape().size());
        long bytes = all.bytes() / all.shape().getFirst();
        return of(new GgufTensor(all.name(), all.type(), shape, all.offset() + index * bytes, bytes));
    }

    /// @throws IOException where its numbers lie in blocks that cannot be read so
    public void check(Path path) throws IOException {
        if (from.rowElements() % from.type().elements() != 0
                || finish == Finish.LESS_ONE && from.type() != GgufType.F32) {
            throw new IOException("[%s] tensor '%s' is of type %s, expected a plain one".formatted(path, from.name(),
                    from.type()));
        }
    }

    /// The bytes: a view of the file where it holds them as they are, else memory of `arena`.
    ///
    /// @param file the whole file
    public MemorySegment read(MemorySegment file, Arena arena) {
        var view = file.asSlice(from.offset(), from.bytes());
        int size = from.type().dtype().bytes();
        if (from.type().block().isEmpty() && order.equals(LongUnaryOperator.identity()) && finish == Finish.NONE
                && view.address() % size == 0) {
            return view;
        }
        var copy = arena.allocate(from.elements() * size, 64);
        new Dequantiser(file, from, order).copyTo(copy);
        return switch (finish) {
            case NONE -> copy;
            case LESS_ONE -> lessOne(copy);
            case TRANSPOSED -> transposed(copy, size, arena);
        };
    }

    private static MemorySegment lessOne(MemorySegment floats) {
        for (long i = 0; i < floats.byteSize(); i += Float.BYTES) {
            floats.set(FLOAT, i, floats.get(FLOAT, i) - 1);
        }
        return floats;
    }

    private MemorySegment transposed(MemorySegment numbers, int size, Arena arena) {
        long columns = from.rowElements();
        long rows = from.elements() / columns;
        var to = arena.allocate(numbers.byteSize(), 64);
        for (long row = 0; row < rows; row++) {
            for (long column = 0; column < columns; column++) {
                MemorySegment.copy(numbers, (row * columns + column) * size, to, (column * rows + row) * size, size);
            }
        }
        return to;
    }
}
