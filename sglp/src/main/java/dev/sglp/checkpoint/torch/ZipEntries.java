package dev.sglp.checkpoint.torch;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/// The stored entries of a mapped zip archive, without copying them (PKWARE's APPNOTE.TXT, sections 4.3 and 4.5.3).
final class ZipEntries {
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED
            .withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final int END = 0x06054b50;
    private static final int END64 = 0x06064b50;
    private static final int LOCATOR64 = 0x07064b50;
    private static final int CENTRAL = 0x02014b50;
    private static final int LOCAL = 0x04034b50;
    private static final int LONGEST_COMMENT = 0xffff;
    private static final long IN_EXTRA = 0xffffffffL;

    private final String file;
    private final MemorySegment bytes;

    private ZipEntries(String file, MemorySegment bytes) {
        this.file = file;
        this.bytes = bytes;
    }

    /// @throws IOException where the archive is damaged, or an entry is compressed
    static Map<String, MemorySegment> read(String file, MemorySegment bytes) throws IOException {
        try {
            return new ZipEntries(file, bytes).entries();
        } catch (IndexOutOfBoundsException e) {
            throw new IOException(
                    "[%s] is a damaged zip archive: it points outside itself. Maybe the file was cut".formatted(file),
                    e);
        }
    }

    private int u16(long at) {
        return bytes.get(SHORT, at) & 0xffff;
    }

    private long u32(long at) {
        return bytes.get(INT, at) & 0xffffffffL;
    }

    private Map<String, MemorySegment> entries() throws IOException {
        long end = end();
        long count = u16(end + 10);
        long at = u32(end + 16);
        if (end >= 20 && bytes.get(INT, end - 20) == LOCATOR64) {
            long end64 = bytes.get(LONG, end - 20 + 8);
            expect(end64, END64);
            count = bytes.get(LONG, end64 + 32);
            at = bytes.get(LONG, end64 + 48);
        }
        var entries = new LinkedHashMap<String, MemorySegment>();
        for (long i = 0; i < count; i++) {
            expect(at, CENTRAL);
            var name = new String(bytes.asSlice(at + 46, u16(at + 28)).toArray(ValueLayout.JAVA_BYTE),
                    StandardCharsets.UTF_8);
            if (entries.put(name, entry(at, name)) != null) {
                throw new IOException("[%s] has two entries '%s'".formatted(file, name));
            }
            at += 46 + u16(at + 28) + u16(at + 30) + u16(at + 32);
        }
        return entries;
    }

    /// Where the end of the central directory is: the last such record, before a comment at most.
    private long end() throws IOException {
        for (long at = bytes.byteSize() - 22; at >= 0 && at >= bytes.byteSize() - 22 - LONGEST_COMMENT; at--) {
            if (bytes.get(INT, at) == END) {
                return at;
            }
        }
        throw new IOException("[%s] begins like a zip archive, but has no directory at its end. Maybe the file was cut"
                .formatted(file));
    }

    private void expect(long at, int signature) throws IOException {
        if (at < 0 || bytes.get(INT, at) != signature) {
            throw new IOException("[%s] is a damaged zip archive: byte %d should begin a record. Maybe the file was cut"
                    .formatted(file, at));
        }
    }

    private MemorySegment entry(long central, String name) throws IOException {
        if (u16(central + 10) != 0 || (u16(central + 8) & 1) != 0) {
            throw new IOException(
                    "[%s] entry '%s' is compressed or encrypted; torch.save stores plain entries. Maybe somebody packed it again"
                            .formatted(file, name));
        }
        long compressed = u32(central + 20);
        long size = u32(central + 24);
        long local = u32(central + 42);
        long extra = central + 46 + u16(central + 28);
        long wide = wide(extra, extra + u16(central + 30));
        if (size == IN_EXTRA) {
            size = bytes.get(LONG, wide);
            wide += 8;
        }
        if (compressed == IN_EXTRA) {
            compressed = bytes.get(LONG, wide);
            wide += 8;
        }
        if (local == IN_EXTRA) {
            local = bytes.get(LONG, wide);
        }
        if (compressed != size) {
            throw new IOException(
                    "[%s] entry '%s' says it has %d and %d bytes".formatted(file, name, compressed, size));
        }
        expect(local, LOCAL);
        return bytes.asSlice(local + 30 + u16(local + 26) + u16(local + 28), size);
    }

    /// Where the values of the zip64 field begin; the end of the extra fields where there is none.
    private long wide(long from, long to) {
        for (long at = from; at + 4 <= to; at += 4 + u16(at + 2)) {
            if (u16(at) == 1) {
                return at + 4;
            }
        }
        return to;
    }
}
