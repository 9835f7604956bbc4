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
import org.jspecify.annotations.Nullable;

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
        return new Zip(path, Zip.opened(path));
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

    final class Zip implements FileTree {
        private final Path file;
        private final ZipFile zip;
        private @Nullable Map<String, String> renamed;

        private Zip(Path file, ZipFile zip) {
            this.file = file;
            this.zip = zip;
        }

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

        @Override
        public List<String> paths() throws IOException {
            var paths = new ArrayList<String>(zip.size());
            for (var name : names()) {
                var path = EntryName.path(name);
                check(name, path);
                if (visible(path)) {
                    paths.add(path);
                }
            }
            return paths;
        }

        private void check(String name, String path) throws IOException {
            if (EntryName.leadsOut(path)) {
                throw new IOException(
                        "[%s] has an entry '%s', which leads out of the zip. Nothing of it was read; maybe it is hostile."
                                .formatted(file, name));
            }
            boolean twice = !path.equals(name) && !path.endsWith("/")
                    && (zip.getEntry(path) != null || !name.equals(renamed().get(path)));
            if (twice) {
                throw new IOException("[%s] has two entries for '%s', one of them called '%s'. Make it again."
                        .formatted(file, path, name));
            }
        }

        private Iterable<String> names() {
            return zip.stream().map(ZipEntry::getName)::iterator;
        }

        /// The names of entries whose paths are written otherwise: usually of none.
        private synchronized Map<String, String> renamed() {
            var known = renamed;
            if (known == null) {
                known = new HashMap<>();
                for (var name : names()) {
                    var path = EntryName.path(name);
                    if (!path.equals(name)) {
                        known.put(path, name);
                    }
                }
                renamed = known;
            }
            return known;
        }

        @Override
        public byte[] bytes(String path) throws IOException {
            var found = zip.getEntry(path);
            var entry = found == null ? zip.getEntry(renamed().getOrDefault(path, path)) : found;
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
