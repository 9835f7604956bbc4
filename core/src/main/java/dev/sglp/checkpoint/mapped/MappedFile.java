package dev.sglp.checkpoint.mapped;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A whole file in memory. Changing its bytes there never changes the file. It stays mapped until it is closed **and** every
/// {@link Hold} on it has gone, so that nobody reads memory that is no longer there.
///
/// A file that is cut while it is mapped leaves pages without content, and libtorch that reads one is ended by the system, as where
/// the disk has an error: ask {@link #check} before each use, and {@link #touched} what is read for the first time. What comes between
/// the question and the use cannot be caught.
public final class MappedFile implements AutoCloseable {
    private static final int PAGE = 4096; // no system has smaller ones
    @SuppressWarnings("unused") // so that nothing leaves the reading out
    private static volatile int seen;

    private final Path path;
    private final FileChannel channel;
    private final State opened;
    private final Mapping mapping;
    private boolean open = true;
    private int holds;

    private MappedFile(Path path, FileChannel channel) throws IOException {
        this.path = path;
        this.channel = channel;
        this.opened = State.of(path);
        this.mapping = Mapping.of(path, channel, opened.size);
    }

    /// What tells an unchanged file from a changed one.
    ///
    /// @param key what the system knows the file by, whatever it is called; absent where it does not say
    private record State(long size, FileTime modified, @Nullable Object key) {
        static State of(Path path) throws IOException {
            var found = Files.readAttributes(path, BasicFileAttributes.class);
            return new State(found.size(), found.lastModifiedTime(), found.fileKey());
        }

        /// A file that lost its name, or gave it to another, keeps its bytes.
        boolean changed(State later) {
            return Objects.equals(key, later.key) && !equals(later);
        }
    }

    /// Keeps a file mapped.
    public interface Hold extends AutoCloseable {
        @Override
        void close();
    }

    /// @throws IOException where it cannot be opened or mapped
    public static MappedFile open(Path path) throws IOException {
        var channel = FileChannel.open(path, StandardOpenOption.READ);
        try {
            return new MappedFile(path, channel);
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    public Path path() {
        return path;
    }

    /// For reading around the mapping: pages that are touched count as this program's memory.
    public FileChannel channel() {
        return channel;
    }

    /// As it was opened.
    public long size() {
        return opened.size;
    }

    /// All of it.
    ///
    /// @throws IllegalStateException after {@link #close}
    public MemorySegment bytes() {
        checkOpen();
        return mapping.bytes();
    }

    /// Whether the file lies on a disk of this machine: another machine may cut its files without a trace here.
    public boolean local() {
        return FileSystems.local(path);
    }

    /// @throws IOException where the file is no longer the one that was opened
    public void check() throws IOException {
        State now;
        try {
            now = State.of(path);
        } catch (NoSuchFileException _) {
            return; // its bytes are still there
        }
        if (opened.changed(now)) {
            throw new IOException(
                    "[%s] was changed while it was in use: it had %,d bytes, last changed %s, and has %,d, last changed %s. Start again when nobody writes to it"
                            .formatted(path, opened.size, opened.modified, now.size, now.modified));
        }
    }

    /// Something that reads mapped bytes.
    @FunctionalInterface
    public interface Reader<T> {
        T read() throws IOException;
    }

    /// Looks at a byte of every page of what is read, which tells of one that cannot be where libtorch would be ended for it.
    ///
    /// @param file  that they are said to be of
    /// @param bytes of a mapped file, or a copy of some
    /// @throws IOException where a page cannot be read
    public static MemorySegment touched(Path file, Reader<MemorySegment> bytes) throws IOException {
        return guarded(file, () -> {
            var found = bytes.read();
            seen = sum(found);
            return found;
        });
    }

    /// Lets somebody read mapped bytes, in Java.
    ///
    /// @throws IOException where a page cannot be read
    public static <T> T guarded(Path file, Reader<T> reader) throws IOException {
        try {
            return reader.read();
        } catch (InternalError e) {
            throw new IOException(
                    "[%s] cannot be read: its disk reports an error, or it was cut while it was in use. Copy it anew, or look at the disk"
                            .formatted(file),
                    e);
        }
    }

    private static int sum(MemorySegment bytes) {
        int all = 0;
        for (long at = 0; at < bytes.byteSize(); at += PAGE) {
            all += bytes.get(ValueLayout.JAVA_BYTE, at);
        }
        return bytes.byteSize() == 0 ? all : all + bytes.get(ValueLayout.JAVA_BYTE, bytes.byteSize() - 1);
    }

    /// @throws IllegalStateException after {@link #close}
    public synchronized Hold hold() {
        checkOpen();
        holds++;
        return new Hold() {
            private boolean gone;

            @Override
            public void close() {
                if (!gone) {
                    gone = true;
                    let();
                }
            }
        };
    }

    private synchronized void let() {
        holds--;
        unmapIfUnused();
    }

    /// Gives back the memory that touched pages take; whoever reads them again finds them in the file.
    public synchronized void unload() {
        if (open || holds > 0) {
            mapping.unload();
        }
    }

    /// @throws IllegalStateException after {@link #close}
    public synchronized void checkOpen() {
        if (!open) {
            throw new IllegalStateException("[%s] is closed".formatted(path));
        }
    }

    @Override
    public synchronized void close() {
        if (open) {
            open = false;
            unmapIfUnused();
        }
    }

    private void unmapIfUnused() {
        if (open || holds > 0) {
            return;
        }
        mapping.close();
        try {
            channel.close();
        } catch (IOException _) {
            // nothing was written to it
        }
    }
}
