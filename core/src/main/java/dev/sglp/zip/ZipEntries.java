package dev.sglp.zip;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.SequencedMap;

/// The entries of a zip file that is mapped, found by its central directory (PKWARE's APPNOTE.TXT, 4.3; zip64 too).
public final class ZipEntries {
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
    private static final int UTF_8 = 1 << 11;
    private static final int STORED = 0;
    private static final int DEFLATED = 8;
    /// A deflated array of images is this many times as large unpacked at most, but for small ones.
    private static final long LARGEST_GROWTH = 64;
    private static final long SMALL = 1 << 22;

    private final Path file;
    private final MemorySegment bytes;
    private final SequencedMap<String, Entry> entries = new LinkedHashMap<>();

    /// @param bits whether it is encrypted, how it is packed, and the checksum of its bytes
    private record Entry(Bits bits, long packed, long size, long local) {}

    private record Bits(boolean encrypted, int method, int crc) {}

    private record Directory(long entries, long bytes, long start) {}

    /// @throws IOException where there is no central directory, or it leaves the file
    public ZipEntries(Path file, MemorySegment bytes) throws IOException {
        this.file = file;
        this.bytes = bytes;
        try {
            readDirectory(directory(end()));
        } catch (IndexOutOfBoundsException | ArithmeticException e) {
            throw new IOException(fail("its directory leaves the file").getMessage(), e);
        }
    }

    /// Names in the order of the directory.
    public Collection<String> names() {
        return Collections.unmodifiableCollection(entries.keySet());
    }

    public boolean has(String name) {
        return entries.containsKey(name);
    }

    /// The bytes of a stored entry, where they lie.
    ///
    /// @throws IOException where there is no such entry, it is compressed, or it leaves the file
    public MemorySegment get(String name) throws IOException {
        var entry = entry(name);
        if (entry.bits.method != STORED) {
            throw fail("entry '%s' is compressed, expected stored ones. Maybe it was zipped again; use zip -0"
                    .formatted(name));
        }
        return packed(name, entry);
    }

    /// How many bytes an entry says it has when unpacked; nothing is unpacked to check it.
    public long size(String name) throws IOException {
        return entry(name).size;
    }

    /// The first bytes of an entry, stored or deflated: `count` of them, or all where there are fewer.
    public byte[] head(String name, int count) throws IOException {
        var entry = entry(name);
        var packed = packed(name, entry);
        int wanted = (int) Math.min(count, entry.size);
        return entry.bits.method == STORED
                ? packed.asSlice(0, wanted).toArray(ValueLayout.JAVA_BYTE)
                : new Deflated(packed).head(wanted);
    }

    /// The bytes of an entry, stored or deflated, with the checksum that the directory names. What is deflated is unpacked
    /// into memory that the garbage collector frees.
    ///
    /// @throws IOException where there is no such entry, it is not what its header says, or it would unfold to a multiple of the
    ///                     file that no honest array has
    public MemorySegment unpacked(String name) throws IOException {
        var entry = entry(name);
        var packed = packed(name, entry);
        if (entry.size > LARGEST_GROWTH * entry.packed + SMALL) {
            throw fail("entry '%s' says it has %,d bytes packed in %,d. Maybe it is a bomb; store it uncompressed"
                    .formatted(name, entry.size, entry.packed));
        }
        var bytes = entry.bits.method == STORED ? packed : new Deflated(packed).all(entry.size);
        if (bytes == null || Deflated.crc(bytes) != entry.bits.crc) {
            throw fail("entry '%s' unpacks to other bytes than its header says. Maybe it was cut or changed"
                    .formatted(name));
        }
        return bytes;
    }

    private Entry entry(String name) throws IOException {
        var entry = entries.get(name);
        if (entry == null) {
            throw fail("entry '%s' is missing".formatted(name));
        }
        if (entry.bits.encrypted || entry.bits.method != STORED && entry.bits.method != DEFLATED) {
            throw fail("entry '%s' is encrypted, or packed by method %d; expected stored or deflated".formatted(name,
                    entry.bits.method));
        }
        if (entry.bits.method == STORED && entry.packed != entry.size) {
            throw fail("entry '%s' is stored, but has two sizes, %d and %d".formatted(name, entry.packed, entry.size));
        }
        return entry;
    }

    private MemorySegment packed(String name, Entry entry) throws IOException {
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
        return bytes.asSlice(start, entry.packed);
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
        var name = EntryName.of(record.asSlice(46, nameLength).toArray(ValueLayout.JAVA_BYTE),
                (record.get(U16, 8) & UTF_8) != 0);
        var extra = record.asSlice(46 + nameLength, extraLength);
        var bits = new Bits((record.get(U16, 8) & 1) != 0, record.get(U16, 10) & 0xffff, record.get(U32, 16));
        var entry = new Entry(bits, record.get(U32, 20) & ABSENT_32, record.get(U32, 24) & ABSENT_32,
                record.get(U32, 42) & ABSENT_32);
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
        return new Entry(entry.bits, packed, size, local);
    }

    private int u16(long at) {
        return bytes.get(U16, at) & 0xffff;
    }

    private long u32(long at) {
        return bytes.get(U32, at) & ABSENT_32;
    }

    private IOException fail(String what) {
        return new IOException("[%s] damaged zip file: %s".formatted(file, what));
    }
}
