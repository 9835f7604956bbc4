package dev.sglp.data.array;

import dev.sglp.zip.ZipEntries;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// A `.npz` file: a zip with one `.npy` file for each named array, stored (`np.savez`) or deflated (`np.savez_compressed`). It is
/// mapped; what it says of itself is checked before anything is taken.
final class NpzFile {
    private static final String SUFFIX = ".npy";

    private final Path path;
    private final ZipEntries entries;

    private NpzFile(Path path, ZipEntries entries) {
        this.path = path;
        this.entries = entries;
    }

    /// @throws IOException where there is no such file, or it is no zip
    static NpzFile open(Path path) throws IOException {
        if (!Files.isRegularFile(path)) {
            throw new IOException("[%s] is no file; expected a .npz as np.savez writes it".formatted(path));
        }
        try (var channel = FileChannel.open(path)) {
            long size = channel.size();
            var bytes = size == 0 ? MemorySegment.NULL : channel.map(MapMode.READ_ONLY, 0, size, Arena.ofAuto());
            return new NpzFile(path, new ZipEntries(path, bytes));
        }
    }

    Path path() {
        return path;
    }

    /// Names of the arrays, in the order of the file.
    List<String> names() {
        return entries.names().stream().filter(n -> n.endsWith(SUFFIX))
                .map(n -> n.substring(0, n.length() - SUFFIX.length())).toList();
    }

    boolean has(String name) {
        return entries.has(name + SUFFIX);
    }

    String where(String name) {
        return path + ":" + name;
    }

    /// Type and shape, checked against the bytes that the entry says it has.
    NpyHeader header(String name) throws IOException {
        var header = NpyHeader.read(where(name), entries.head(name + SUFFIX, NpyHeader.MOST_BYTES));
        long have = entries.size(name + SUFFIX) - header.start();
        long need;
        try {
            need = Math.multiplyExact(header.elements(), header.width());
            header.strides();
        } catch (ArithmeticException _) {
            need = -1;
        }
        if (need != have || header.width() == 0) {
            throw new IOException("[%s] is %s of shape %s, but has %,d bytes. Maybe it was cut, or it holds objects"
                    .formatted(where(name), header.descr(), header.shape(), have));
        }
        return header;
    }

    /// The array with its elements; a view of the mapping where it is stored.
    NpyArray array(String name) throws IOException {
        var header = header(name);
        return new NpyArray(where(name), header, entries.unpacked(name + SUFFIX).asSlice(header.start()));
    }
}
