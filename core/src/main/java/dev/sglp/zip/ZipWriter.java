package dev.sglp.zip;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/// Writes a zip file of stored entries, each beginning at a multiple of 64 bytes, so that it can be mapped and used in place. The
/// same entries give the same bytes: no time is written. Sizes of 4 GB and more go into zip64 fields (APPNOTE.TXT, 4.5.3).
public final class ZipWriter {
    private static final int ALIGNMENT = 64;
    private static final long CHUNK = 1 << 26; // bytes handed to the system at a time
    private static final int LOCAL = 0x04034b50;
    private static final int CENTRAL = 0x02014b50;
    private static final int END = 0x06054b50;
    private static final int END_64 = 0x06064b50;
    private static final int END_LOCATOR_64 = 0x07064b50;
    private static final short VERSION = 45; // needed to extract: zip64
    private static final short UTF_8 = 1 << 11;
    private static final int FIRST_OF_1980 = 0x21 << 16; // date and time
    private static final short ZIP64 = 1;
    private static final short PADDING = 0x4246; // the field PyTorch pads with
    private static final int ABSENT_32 = 0xffff_ffff;
    private static final int ABSENT_16 = 0xffff;

    private final Sink sink;
    private final long large;
    private final Map<String, Entry> entries = new LinkedHashMap<>();
    private long position;

    /// Takes the file's bytes in order.
    @FunctionalInterface
    public interface Sink {
        void write(ByteBuffer bytes) throws IOException;
    }

    private record Entry(byte[] name, int crc, long size, long local) {}

    public ZipWriter(Sink sink) {
        this(sink, 0xffff_ffffL);
    }

    /// @param large sizes and offsets from here on go into 64-bit fields
    ZipWriter(Sink sink, long large) {
        this.sink = sink;
        this.large = large;
    }

    /// Adds an entry.
    ///
    /// @throws IllegalArgumentException where there is one of this name
    public void add(String name, MemorySegment bytes) throws IOException {
        var entry = new Entry(name.getBytes(StandardCharsets.UTF_8), Deflated.crc(bytes), bytes.byteSize(), position);
        if (entries.putIfAbsent(name, entry) != null) {
            throw new IllegalArgumentException("entry '%s' is to be written twice".formatted(name));
        }
        write(local(entry));
        for (long at = 0; at < bytes.byteSize(); at += CHUNK) {
            write(bytes.asSlice(at, Math.min(CHUNK, bytes.byteSize() - at)).asByteBuffer());
        }
    }

    public void add(String name, byte[] bytes) throws IOException {
        add(name, MemorySegment.ofArray(bytes));
    }

    /// Writes the directory; nothing can be added after it.
    public void finish() throws IOException {
        long start = position;
        for (var entry : entries.values()) {
            write(central(entry));
        }
        long length = position - start;
        if (start >= large || length >= large || entries.size() >= ABSENT_16) {
            write(end64(start, length));
        }
        write(buffer(22).putInt(END).putInt(0).putShort(count()).putShort(count()).putInt(small(length))
                .putInt(small(start)).putShort((short) 0).flip());
    }

    private ByteBuffer local(Entry entry) {
        int sizes = entry.size >= large ? 20 : 0;
        long unpadded = position + 30 + entry.name.length + sizes + 4;
        int padding = (int) (Math.ceilDiv(unpadded, ALIGNMENT) * ALIGNMENT - unpadded);
        var header = buffer(30 + entry.name.length + sizes + 4 + padding).putInt(LOCAL);
        common(header, entry).putShort((short) (sizes + 4 + padding)).put(entry.name);
        if (sizes > 0) {
            header.putShort(ZIP64).putShort((short) 16).putLong(entry.size).putLong(entry.size);
        }
        return header.putShort(PADDING).putShort((short) padding).put(new byte[padding]).flip();
    }

    private ByteBuffer central(Entry entry) {
        int values = (entry.size >= large ? 16 : 0) + (entry.local >= large ? 8 : 0);
        int extra = values == 0 ? 0 : 4 + values;
        var record = buffer(46 + entry.name.length + extra).putInt(CENTRAL).putShort(VERSION);
        common(record, entry).putShort((short) extra).putShort((short) 0).putInt(0).putInt(0)
                .putInt(small(entry.local)).put(entry.name);
        if (values > 0) {
            record.putShort(ZIP64).putShort((short) values);
        }
        if (entry.size >= large) {
            record.putLong(entry.size).putLong(entry.size);
        }
        return (entry.local >= large ? record.putLong(entry.local) : record).flip();
    }

    /// What the two headers share: version, flags, method, date, checksum, two sizes, the name's length.
    private ByteBuffer common(ByteBuffer header, Entry entry) {
        return header.putShort(VERSION).putShort(UTF_8).putShort((short) 0).putInt(FIRST_OF_1980).putInt(entry.crc)
                .putInt(small(entry.size)).putInt(small(entry.size)).putShort((short) entry.name.length);
    }

    private ByteBuffer end64(long start, long length) {
        long at = position;
        return buffer(76).putInt(END_64).putLong(44).putShort(VERSION).putShort(VERSION).putInt(0).putInt(0)
                .putLong(entries.size()).putLong(entries.size()).putLong(length).putLong(start)
                .putInt(END_LOCATOR_64).putInt(0).putLong(at).putInt(1).flip();
    }

    private int small(long value) {
        return value >= large ? ABSENT_32 : (int) value;
    }

    private short count() {
        return (short) Math.min(entries.size(), ABSENT_16);
    }

    private static ByteBuffer buffer(int size) {
        return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    }

    private void write(ByteBuffer bytes) throws IOException {
        position += bytes.remaining();
        sink.write(bytes);
    }
}
