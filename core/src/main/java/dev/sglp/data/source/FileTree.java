package dev.sglp.data.source;

import dev.sglp.zip.EntryName;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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
        return Zip.of(path, Zip.opened(path));
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
            var paths = new ArrayList<String>();
            try (var walk = Files.walk(root, FileVisitOption.FOLLOW_LINKS)) {
                for (var path : (Iterable<Path>) walk.filter(p -> !p.equals(root))::iterator) {
                    var name = root.relativize(path).toString().replace(File.separatorChar, '/');
                    if (visible(name)) {
                        checkUnpacked(path, name);
                        paths.add(Files.isDirectory(path) ? name + "/" : name);
                    }
                }
                return paths;
            } catch (UncheckedIOException e) {
                throw e.getCause();
            }
        }

        /// What tools leave that do not know a zip's separators or code page.
        private void checkUnpacked(Path path, String name) throws IOException {
            boolean readable = root.resolve(name).equals(path);
            if (!readable || name.contains("\\")) {
                throw new IOException(
                        "[%s] holds '%s', a name %s. Maybe a zip was unpacked by a tool that does not read its names; name the zip itself instead."
                                .formatted(root, name,
                                        readable ? "with '\\' in it" : "in another encoding than the locale's"));
            }
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

    /// @param names of the entries, by their paths
    record Zip(Path file, ZipFile zip, Map<String, String> names) implements FileTree {
        /// Where names are not all UTF-8, those without the flag for it are in the code page.
        private static ZipFile opened(Path path) throws IOException {
            try {
                return new ZipFile(path.toFile());
            } catch (ZipException | IllegalArgumentException _) {
                return inCodePage(path);
            } catch (IOException e) {
                throw unreadable(path, e);
            }
        }

        private static ZipFile inCodePage(Path path) throws IOException {
            try {
                return new ZipFile(path.toFile(), EntryName.CODE_PAGE);
            } catch (IOException | IllegalArgumentException e) {
                throw unreadable(path, e);
            }
        }

        private static IOException unreadable(Path path, Exception e) {
            return new IOException("[%s] is neither a directory nor a readable zip: %s. %s".formatted(path, reason(e),
                    reason(e).contains("END header")
                            ? "Maybe the download was cut; unpack other archives first."
                            : "Maybe it is damaged; fetch or make it again."),
                    e);
        }

        private static Zip of(Path path, ZipFile zip) throws IOException {
            try {
                return new Zip(path, zip, names(path, zip));
            } catch (IOException | RuntimeException e) {
                zip.close();
                throw e;
            }
        }

        private static Map<String, String> names(Path file, ZipFile zip) throws IOException {
            var names = new HashMap<String, String>();
            for (var name : (Iterable<String>) zip.stream().map(ZipEntry::getName)::iterator) {
                var path = EntryName.path(name);
                if (EntryName.leadsOut(path)) {
                    throw new IOException(
                            "[%s] has an entry '%s', which leads out of the zip. Nothing of it was read; maybe it is hostile."
                                    .formatted(file, name));
                }
                var other = visible(path) ? names.put(path, name) : null;
                if (other != null && !other.equals(name)) {
                    throw new IOException("[%s] has the entries '%s' and '%s', which are one place. Make it again."
                            .formatted(file, other, name));
                }
            }
            return names;
        }

        @Override
        public List<String> paths() {
            return List.copyOf(names.keySet());
        }

        @Override
        public byte[] bytes(String path) throws IOException {
            var entry = names.containsKey(path) ? zip.getEntry(names.get(path)) : null;
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
