package dev.sglp.data.source;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/// Named bytes in a directory or a zip. A zip is read in place; nothing is written to disk.
sealed interface FileTree extends AutoCloseable {
    /// A larger file is refused, whatever its header says.
    long MAX_BYTES = 256L << 20;
    /// An entry of a zip may unfold to so many times its size, beside a few million bytes; images hardly shrink at all.
    long MAX_GROWTH = 200;
    long SMALL = 4 << 20;

    /// Relative paths with `/` between, folders with `/` at the end, in no particular order; hidden ones left out.
    List<String> paths() throws IOException;

    /// Safe to call on many threads at once.
    byte[] bytes(String path) throws IOException;

    @Override
    void close() throws IOException;

    static FileTree open(Path path) throws IOException {
        if (Files.isDirectory(path)) {
            return new Directory(path);
        }
        if (!Files.isRegularFile(path)) {
            throw new IOException("[%s] does not exist; expected a directory or a zip".formatted(path));
        }
        try {
            return new Zip(path, new ZipFile(path.toFile()));
        } catch (IOException | IllegalArgumentException e) {
            throw new IOException(
                    "[%s] is neither a directory nor a readable zip: %s. Maybe the download was cut; unpack other archives first."
                            .formatted(path, reason(e)),
                    e);
        }
    }

    private static String reason(Exception e) {
        return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    }

    private static boolean visible(String path) {
        return !path.startsWith(".") && !path.contains("/.") && !path.startsWith("__MACOSX/");
    }

    private static IOException tooLarge(Path container, String path) {
        return new IOException(
                "[%s:%s] is larger than %d MB, or unfolds to far more than it is packed in. Maybe it is not an image; remove it."
                        .formatted(container.getFileName(),
                                path, MAX_BYTES >> 20));
    }

    record Directory(Path root) implements FileTree {
        @Override
        public List<String> paths() throws IOException {
            try (var walk = Files.walk(root, FileVisitOption.FOLLOW_LINKS)) {
                return walk.filter(p -> !p.equals(root)).map(this::relative).filter(FileTree::visible).toList();
            } catch (UncheckedIOException e) {
                throw e.getCause();
            }
        }

        private String relative(Path path) {
            String name = root.relativize(path).toString().replace('\\', '/');
            return Files.isDirectory(path) ? name + "/" : name;
        }

        @Override
        public byte[] bytes(String path) throws IOException {
            if (Files.size(root.resolve(path)) > MAX_BYTES) {
                throw tooLarge(root, path);
            }
            return Files.readAllBytes(root.resolve(path));
        }

        @Override
        public void close() {}
    }

    record Zip(Path file, ZipFile zip) implements FileTree {
        @Override
        public List<String> paths() {
            return zip.stream().map(ZipEntry::getName).filter(FileTree::visible).toList();
        }

        @Override
        public byte[] bytes(String path) throws IOException {
            var entry = zip.getEntry(path);
            if (entry == null) {
                throw new IOException("[%s:%s] is not there any more".formatted(file.getFileName(), path));
            }
            long size = entry.getSize();
            if (size > Math.min(MAX_BYTES, SMALL + MAX_GROWTH * entry.getCompressedSize())) {
                throw tooLarge(file, path);
            }
            try (var in = zip.getInputStream(entry)) {
                byte[] bytes = in.readNBytes(Math.toIntExact(size + 1));
                var crc = new CRC32();
                crc.update(bytes);
                if (bytes.length != size || crc.getValue() != entry.getCrc()) {
                    throw new ZipException("other bytes than its header says");
                }
                return bytes;
            } catch (IOException | IllegalArgumentException e) {
                throw new IOException("[%s:%s] cannot be unpacked: %s. Maybe the zip is damaged; fetch it again."
                        .formatted(file.getFileName(), path, reason(e)), e);
            }
        }

        @Override
        public void close() throws IOException {
            zip.close();
        }
    }
}
