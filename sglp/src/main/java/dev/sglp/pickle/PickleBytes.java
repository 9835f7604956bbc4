package dev.sglp.pickle;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import java.nio.ByteOrder;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;

/// A place in a file; every read is checked against its end before anything is allocated.
final class PickleBytes {
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED
            .withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfDouble BIG_DOUBLE = ValueLayout.JAVA_DOUBLE_UNALIGNED
            .withOrder(ByteOrder.BIG_ENDIAN);
    private static final int LONGEST_LINE = 1 << 16;
    private static final int LONGEST_NUMBER = 1024;

    private final String file;
    private final MemorySegment bytes;
    private long at;

    PickleBytes(String file, MemorySegment bytes, long at) {
        this.file = file;
        this.bytes = bytes;
        this.at = at;
    }

    long position() {
        return at;
    }

    private long take(long count) throws IOException {
        if (count < 0 || count > bytes.byteSize() - at) {
            throw new IOException(
                    "[%s] ends inside a pickle: %s bytes are wanted at byte %d, %d are left. Maybe the file was cut"
                            .formatted(file, Long.toUnsignedString(count), at, bytes.byteSize() - at));
        }
        long from = at;
        at += count;
        return from;
    }

    int u8() throws IOException {
        return bytes.get(ValueLayout.JAVA_BYTE, take(1)) & 0xff;
    }

    int u16() throws IOException {
        return bytes.get(SHORT, take(2)) & 0xffff;
    }

    int i32() throws IOException {
        return bytes.get(INT, take(4));
    }

    long u32() throws IOException {
        return i32() & 0xffffffffL;
    }

    long i64() throws IOException {
        return bytes.get(LONG, take(8));
    }

    double bigDouble() throws IOException {
        return bytes.get(BIG_DOUBLE, take(8));
    }

    byte[] raw(long count) throws IOException {
        if (count > Integer.MAX_VALUE - 8) {
            throw new IOException(
                    "[%s] byte %d: a string of %d bytes, at most 2 GiB are read".formatted(file, at, count));
        }
        return bytes.asSlice(take(count), count).toArray(ValueLayout.JAVA_BYTE);
    }

    String text(long count, Charset charset) throws IOException {
        return new String(raw(count), charset);
    }

    /// A whole number of `count` bytes, two's complement, little-endian.
    Number number(long count) throws IOException {
        if (count > LONGEST_NUMBER) {
            throw new IOException("[%s] byte %d: a number of %d bytes, at most %d are read".formatted(file, at, count,
                    LONGEST_NUMBER));
        }
        var little = raw(count);
        for (int i = 0, j = little.length - 1; i < j; i++, j--) {
            byte swap = little[i];
            little[i] = little[j];
            little[j] = swap;
        }
        return little.length == 0 ? (Number) 0L : narrow(new BigInteger(little));
    }

    static Number narrow(BigInteger number) {
        return number.bitLength() < 64 ? (Number) number.longValue() : number;
    }

    /// Up to the next line feed.
    String line() throws IOException {
        long end = at;
        while (end < bytes.byteSize() && bytes.get(ValueLayout.JAVA_BYTE, end) != '\n') {
            if (++end - at > LONGEST_LINE) {
                throw new IOException("[%s] byte %d: a line of more than %d bytes".formatted(file, at, LONGEST_LINE));
            }
        }
        var line = text(end - at, StandardCharsets.UTF_8);
        take(1);
        return line;
    }
}
