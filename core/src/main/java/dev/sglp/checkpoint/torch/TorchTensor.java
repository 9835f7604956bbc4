package dev.sglp.checkpoint.torch;

import dev.sglp.tensor.DType;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/// A tensor as the pickle describes it: a strided window on a storage.
///
/// @param storage what it is a window on
/// @param offset  its first element, counted in elements from where the view on the storage begins
/// @param shape   its sizes, outermost first
/// @param strides elements between neighbours in each dimension, none negative
public record TorchTensor(TorchStorage storage, long offset, List<Long> shape, List<Long> strides) {
    private static final int MOST_DIMENSIONS = 64;

    public TorchTensor {
        shape = List.copyOf(shape);
        strides = List.copyOf(strides);
    }

    /// Checks what can be checked without the storage's bytes.
    ///
    /// @throws IOException where sizes or strides are negative, too many, or leave the storage
    static TorchTensor checked(TorchTensor t) throws IOException {
        boolean negative = t.offset < 0 || t.shape.stream().anyMatch(s -> s < 0)
                || t.strides.stream().anyMatch(s -> s < 0);
        if (negative || t.shape.size() != t.strides.size() || t.shape.size() > MOST_DIMENSIONS) {
            throw new IOException(
                    "a tensor of shape %s, strides %s, offset %d; expected at most %d dimensions, none negative"
                            .formatted(shown(t.shape), shown(t.strides), t.offset, MOST_DIMENSIONS));
        }
        try {
            t.check();
        } catch (ArithmeticException e) {
            throw new IOException("a tensor of shape %s, strides %s, offset %d, which is larger than any file"
                    .formatted(t.shape, t.strides, t.offset), e);
        }
        return t;
    }

    private static List<Long> shown(List<Long> sizes) {
        return sizes.subList(0, Math.min(sizes.size(), 8));
    }

    private void check() throws IOException {
        long last = elements() == 0 ? 0 : Math.addExact(lastElement(), 1);
        long need = elements() == 0 ? 0 : Math.multiplyExact(Math.addExact(offset, last), width());
        long have = Math.multiplyExact(storage.viewed(), width());
        if (need > have) {
            throw new IOException("a tensor of shape %s, strides %s, offset %d needs %d bytes, but storage '%s' has %d"
                    .formatted(shape, strides, offset, need, storage.key(), have));
        }
    }

    /// Offset of the last element from the first, in elements.
    private long lastElement() {
        long last = 0;
        for (int d = 0; d < shape.size(); d++) {
            last = Math.addExact(last, Math.multiplyExact(shape.get(d) - 1, strides.get(d)));
        }
        return last;
    }

    /// The type of its elements.
    public DType dtype() {
        return storage.dtype();
    }

    private int width() {
        return storage.dtype().bytes();
    }

    /// Number of elements.
    public long elements() {
        return shape.contains(0L) ? 0 : shape.stream().reduce(1L, Math::multiplyExact);
    }

    /// Bytes of the contiguous tensor.
    ///
    /// @throws ArithmeticException where it overflows 63 bits
    public long bytes() {
        return Math.multiplyExact(elements(), width());
    }

    /// Whether its elements lie in row-major order without gaps.
    boolean contiguous() {
        long expected = 1;
        for (int d = shape.size() - 1; d >= 0; d--) {
            if (shape.get(d) != 1 && strides.get(d) != expected) {
                return elements() == 0;
            }
            expected *= shape.get(d);
        }
        return true;
    }

    /// The bytes of the storage from this tensor's first element on.
    private MemorySegment window(MemorySegment bytes) {
        return bytes.asSlice((storage.first() + offset) * width());
    }

    /// Its bytes as they lie in the storage, where they can be used in place: in order and aligned.
    boolean usableIn(MemorySegment bytes) {
        return elements() > 0 && contiguous() && window(bytes).address() % width() == 0;
    }

    MemorySegment view(MemorySegment bytes) {
        return elements() == 0 ? bytes.asSlice(0, 0) : window(bytes).asSlice(0, bytes());
    }

    /// Copies the elements in row-major order to `to`, which has {@link #bytes} bytes.
    void copy(MemorySegment bytes, MemorySegment to) {
        if (contiguous()) {
            to.copyFrom(view(bytes));
            return;
        }
        var from = window(bytes);
        int inner = shape.size() - 1;
        var index = new long[shape.size()];
        long rows = elements() / shape.get(inner);
        long written = 0;
        for (long row = 0; row < rows; row++) {
            written += copyRow(from, at(index), to, written);
            next(index);
        }
    }

    private long at(long[] index) {
        long at = 0;
        for (int d = 0; d < index.length; d++) {
            at += index[d] * strides.get(d);
        }
        return at;
    }

    /// The next row's index; the innermost stays 0.
    private void next(long[] index) {
        for (int d = index.length - 2; d >= 0 && ++index[d] == shape.get(d); d--) {
            index[d] = 0;
        }
    }

    private long copyRow(MemorySegment from, long first, MemorySegment to, long written) {
        long size = shape.getLast();
        long stride = strides.getLast();
        for (long i = 0; i < size; i++) {
            long source = first + i * stride;
            long target = written + i * width();
            switch (width()) {
                case 1 -> to.set(ValueLayout.JAVA_BYTE, target, from.get(ValueLayout.JAVA_BYTE, source));
                case 2 -> to.set(ValueLayout.JAVA_SHORT_UNALIGNED, target,
                        from.get(ValueLayout.JAVA_SHORT_UNALIGNED, 2 * source));
                case 4 -> to.set(ValueLayout.JAVA_INT_UNALIGNED, target,
                        from.get(ValueLayout.JAVA_INT_UNALIGNED, 4 * source));
                default -> to.set(ValueLayout.JAVA_LONG_UNALIGNED, target,
                        from.get(ValueLayout.JAVA_LONG_UNALIGNED, 8 * source));
            }
        }
        return size * width();
    }
}
