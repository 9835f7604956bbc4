package dev.sglp.checkpoint.gguf;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/// Reads the numbers, strings and arrays of a GGUF header in order. Nothing is allocated before the file is known to hold it.
final class GgufCursor {
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED
            .withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final int DEEPEST = 4; // arrays in arrays
    private static final long LARGEST = 64 << 20; // bytes of a header; a vocabulary of 250,000 tokens takes about 10 MB
    private static final int STRING = 8;
    private static final int ARRAY = 9;

    private final Path path;
    private final MemorySegment bytes;
    private long at;

    GgufCursor(Path path, MemorySegment bytes) {
        this.path = path;
        this.bytes = bytes.asSlice(0, Math.min(bytes.byteSize(), LARGEST));
    }

    long at() {
        return at;
    }

    /// Steps over `count` bytes.
    ///
    /// @return where they begin
    private long take(long count, String what) throws IOException {
        if (count < 0 || count > bytes.byteSize() - at) {
            throw new IOException(
                    "[%s] ends inside its header: %s at byte %d needs %s bytes, %d are left (of at most %d). Maybe it was cut"
                            .formatted(path, what, at, Long.toUnsignedString(count), bytes.byteSize() - at, LARGEST));
        }
        long begin = at;
        at += count;
        return begin;
    }

    int int32(String what) throws IOException {
        return bytes.get(INT, take(4, what));
    }

    long int64(String what) throws IOException {
        return bytes.get(LONG, take(8, what));
    }

    /// A number of things of at least `least` bytes each, which must fit into what is left of the file.
    long count(String what, long least) throws IOException {
        long count = int64(what);
        if (count < 0 || count > (bytes.byteSize() - at) / least) {
            throw new IOException("[%s] says it has %s of '%s', but only %d bytes are left. Maybe it was cut"
                    .formatted(path, Long.toUnsignedString(count), what, bytes.byteSize() - at));
        }
        return count;
    }

    String string(String what) throws IOException {
        long length = int64(what);
        long begin = take(length, what);
        var raw = bytes.asSlice(begin, length);
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(raw.asByteBuffer()).toString();
        } catch (CharacterCodingException e) {
            throw new IOException("[%s] %s at byte %d is not UTF-8. Maybe it is damaged".formatted(path, what, begin),
                    e);
        }
    }

    /// A value with its type before it: a string, a number, a truth value, or a list of these.
    Object value(String key) throws IOException {
        return value(key, int32(key), 0);
    }

    private Object value(String key, int type, int depth) throws IOException {
        return switch (type) {
            case 0 -> bytes.get(ValueLayout.JAVA_BYTE, take(1, key)) & 0xff;
            case 1 -> (int) bytes.get(ValueLayout.JAVA_BYTE, take(1, key));
            case 2 -> bytes.get(SHORT, take(2, key)) & 0xffff;
            case 3 -> (int) bytes.get(SHORT, take(2, key));
            case 4 -> int32(key) & 0xffff_ffffL;
            case 5 -> int32(key);
            case 6 -> Float.intBitsToFloat(int32(key));
            case 7 -> truth(key);
            case STRING -> string(key);
            case ARRAY -> array(key, depth + 1);
            case 10 -> unsigned(int64(key));
            case 11 -> int64(key);
            case 12 -> Double.longBitsToDouble(int64(key));
            default -> throw new IOException("[%s] '%s' has the value type %d, expected 0 to 12. Maybe it is damaged"
                    .formatted(path, key, type));
        };
    }

    private boolean truth(String key) throws IOException {
        byte value = bytes.get(ValueLayout.JAVA_BYTE, take(1, key));
        if (value != 0 && value != 1) {
            throw new IOException("[%s] '%s' is a truth value of %d, expected 0 or 1".formatted(path, key, value));
        }
        return value == 1;
    }

    private static Number unsigned(long value) {
        return value >= 0 ? (Number) value : new BigInteger(Long.toUnsignedString(value));
    }

    private List<Object> array(String key, int depth) throws IOException {
        if (depth > DEEPEST) {
            throw new IOException("[%s] '%s' has arrays in arrays, more than %d deep".formatted(path, key, DEEPEST));
        }
        int type = int32(key);
        var list = new ArrayList<Object>();
        int count = (int) count(key, leastBytes(type));
        list.ensureCapacity(count);
        for (int i = 0; i < count; i++) {
            list.add(value(key, type, depth));
        }
        return Collections.unmodifiableList(list);
    }

    private static int leastBytes(int type) {
        return switch (type) {
            case 0, 1, 7 -> 1;
            case 2, 3 -> 2;
            case 4, 5, 6 -> 4;
            case ARRAY -> 12;
            default -> 8;
        };
    }
}
