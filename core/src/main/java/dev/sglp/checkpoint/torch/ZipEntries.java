package dev.sglp.checkpoint.torch;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.SequencedMap;

/// The entries of a zip file that is mapped, found by its central directory (PKWARE's APPNOTE.TXT, 4.3; zip64 too). Entries are
/// views of the mapping, so only stored ones can be had.
final class ZipEntries {
    private static final ValueLayout.OfShort U16 = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt U32 = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong U64 = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final int END = 0x06054b50;
    private static final int END_LOCATOR_64 = 0x07064b50;
    private static final int END_64 = 0x06064b50;
    private static final int CENTRAL = 0x02014b50;
    private static final int LOCAL = 0x04034b50;
    private static final long ABSENT_32 = 0xffff_ffffL;
    private static final int MOST_ENTRIES = 1 << 20;

    private final Path file;
    private final MemorySegment bytes;
    private final SequencedMap<String, Entry> entries = new LinkedHashMap<>();

    private record Entry(int flags, int method, long packed, long size, long local) {}

    private record Directory(long entries, long bytes, long start) {}

    /// @throws IOException where there is no central directory, or it leaves the file
    ZipEntries(Path file, MemorySegment bytes) throws IOException {
        this.file = file;
        this.bytes = bytes;
        try {
            readDirectory(directory(end()));
        } catch (IndexOutOfBoundsException | ArithmeticException e) {
            throw new IOException(fail("its directory leaves the file").getMessage(), e);
        }
    }

    Iterable<String> names() {
        return entries.keySet();
    }

    boolean has(String name) {
        return entries.containsKey(name);
    }

    /// The bytes of a stored entry.
    ///
    /// @throws IOException where there is no such entry, it is compressed, or it leaves the file
    MemorySegment get(String name) throws IOException {
        var entry = entries.get(name);
        if (entry == null) {
            throw fail("entry '%s' is missing".formatted(name));
        }
        if (entry.method != 0 || (entry.flags & 1) != 0) {
            throw fail(
                    "entry '%s' is compressed or encrypted, expected stored ones as torch.save writes them. Maybe it was zipped again; use zip -0"
                            .formatted(name));
        }
        if (entry.packed != entry.size) {
            throw fail("entry '%s' is stored, but has two sizes, %d and %d".formatted(name, entry.packed, entry.size));
        }
        try {
            return data(name, entry);
        } catch (IndexOutOfBoundsException | ArithmeticException e) {
            throw new IOException(fail("entry '%s' leaves the file. Maybe it was cut".formatted(name)).getMessage(), e);
        }
    }

    private MemorySegment data(String name, Entry entry) throws IOException {
        var local = entry.local;
        if (bytes.get(U32, local) != LOCAL) {
            throw fail("entry '%s' has no local header at byte %d".formatted(name, local));
        }
        long start = Math.addExact(local, 30L + u16(local + 26) + u16(local + 28));
        return bytes.asSlice(start, entry.size);
    }

    /// Offset of the end record, looked for from the back because a comment may follow it.
    private long end() throws IOException {
        long last = bytes.byteSize() - 22;
        for (long at = last; at >= Math.max(0, last - 0xffff); at--) {
            if (bytes.get(U32, at) == END && at + 22 + u16(at + 20) == bytes.byteSize()) {
                return at;
            }
        }
        throw fail("it has no central directory at its end. Maybe it was cut");
    }

    private Directory directory(long end) throws IOException {
        var plain = new Directory(u16(end + 10), u32(end + 12), u32(end + 16));
        boolean zip64 = end >= 20 && bytes.get(U32, end - 20) == END_LOCATOR_64;
        if (!zip64) {
            return plain;
        }
        long at = bytes.get(U64, end - 12);
        if (bytes.get(U32, at) != END_64) {
            throw fail("it has no zip64 record at byte %d".formatted(at));
        }
        return new Directory(bytes.get(U64, at + 32), bytes.get(U64, at + 40), bytes.get(U64, at + 48));
    }

    private void readDirectory(Directory directory) throws IOException {
        if (directory.entries < 0 || directory.entries > MOST_ENTRIES || directory.bytes / 46 < directory.entries) {
            throw fail("a directory of %d entries in %d bytes".formatted(directory.entries, directory.bytes));
        }
        var central = bytes.asSlice(directory.start, directory.bytes);
        long at = 0;
        for (long i = 0; i < directory.entries; i++) {
            at += readEntry(central.asSlice(at));
        }
    }

    /// Reads one record of the central directory.
    ///
    /// @return its length
    private long readEntry(MemorySegment record) throws IOException {
        if (record.get(U32, 0) != CENTRAL) {
            throw fail("a record of its directory does not begin as one");
        }
        int nameLength = record.get(U16, 28) & 0xffff;
        int extraLength = record.get(U16, 30) & 0xffff;
        var name = new String(record.asSlice(46, nameLength).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8);
        var extra = record.asSlice(46 + nameLength, extraLength);
        var entry = new Entry(record.get(U16, 8), record.get(U16, 10) & 0xffff, record.get(U32, 20) & ABSENT_32,
                record.get(U32, 24) & ABSENT_32, record.get(U32, 42) & ABSENT_32);
        if (entries.putIfAbsent(name, large(entry, extra)) != null) {
            throw fail("entry '%s' is there twice".formatted(name));
        }
        return 46L + nameLength + extraLength + (record.get(U16, 32) & 0xffff);
    }

    /// The entry with its 64-bit sizes, where the extra field 0x0001 has them.
    private static Entry large(Entry entry, MemorySegment extra) {
        for (long at = 0; at + 4 <= extra.byteSize();) {
            int length = extra.get(U16, at + 2) & 0xffff;
            if (extra.get(U16, at) == 1) {
                return large(entry, extra.asSlice(at + 4, length), 0);
            }
            at += 4 + length;
        }
        return entry;
    }

    private static Entry large(Entry entry, MemorySegment values, long at) {
        long size = entry.size;
        long packed = entry.packed;
        long local = entry.local;
        if (size == ABSENT_32) {
            size = values.get(U64, at);
            at += 8;
        }
        if (packed == ABSENT_32) {
            packed = values.get(U64, at);
            at += 8;
        }
        if (local == ABSENT_32) {
            local = values.get(U64, at);
        }
        return new Entry(entry.flags, entry.method, packed, size, local);
    }

    private int u16(long at) {
        return bytes.get(U16, at) & 0xffff;
    }

    private long u32(long at) {
        return bytes.get(U32, at) & ABSENT_32;
    }

    IOException fail(String what) {
        return new IOException("[%s] damaged zip file: %s".formatted(file, what));
    }
}
