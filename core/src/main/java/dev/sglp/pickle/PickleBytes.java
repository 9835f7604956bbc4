package dev.sglp.pickle;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Path;

/// A cursor over the file; every read is checked against what is left, before anything is allocated.
final class PickleBytes {
    private static final ValueLayout.OfShort U16 = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt I32 = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong I64 = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfDouble F64 = ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final int LONGEST_LINE = 1 << 28;

    private final Path file;
    private final MemorySegment bytes;
    private long position;

    PickleBytes(Path file, MemorySegment bytes) {
        this.file = file;
        this.bytes = bytes;
    }

    Path file() {
        return file;
    }

    long position() {
        return position;
    }

    void seek(long to) {
        if (to < 0 || to > bytes.byteSize()) {
            throw new IllegalArgumentException("[%s] offset %d is outside its %d bytes".formatted(file, to, size()));
        }
        position = to;
    }

    long size() {
        return bytes.byteSize();
    }

    int u8() throws IOException {
        return bytes.get(ValueLayout.JAVA_BYTE, step(1)) & 0xff;
    }

    int u16() throws IOException {
        return bytes.get(U16, step(2)) & 0xffff;
    }

    int i32() throws IOException {
        return bytes.get(I32, step(4));
    }

    long u32() throws IOException {
        return i32() & 0xffff_ffffL;
    }

    /// An unsigned length; negative where it exceeds 63 bits, which {@link #take} refuses.
    long u64() throws IOException {
        return bytes.get(I64, step(8));
    }

    double f64() throws IOException {
        return bytes.get(F64, step(8));
    }

    byte[] take(long length) throws IOException {
        if (length > Integer.MAX_VALUE - 16) {
            throw fail("a string of %s bytes, expected at most 2 GiB".formatted(Long.toUnsignedString(length)));
        }
        return bytes.asSlice(step(length), length).toArray(ValueLayout.JAVA_BYTE);
    }

    /// The bytes up to the next newline, without it.
    byte[] line() throws IOException {
        long end = position;
        long last = Math.min(size(), position + LONGEST_LINE);
        while (end < last && bytes.get(ValueLayout.JAVA_BYTE, end) != '\n') {
            end++;
        }
        if (end == last) {
            throw fail("a line without an end");
        }
        var line = take(end - position);
        position++;
        return line;
    }

    /// Leaves out `length` bytes and says where they began.
    long step(long length) throws IOException {
        if (length < 0 || length > size() - position) {
            throw fail("it needs %s bytes more, but %d are left. Maybe the file was cut"
                    .formatted(Long.toUnsignedString(length), size() - position));
        }
        long at = position;
        position += length;
        return at;
    }

    IOException fail(String what) {
        return new IOException("[%s] damaged pickle at byte %d: %s".formatted(file, position, what));
    }
}
