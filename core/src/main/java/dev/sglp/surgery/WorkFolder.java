package dev.sglp.surgery;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;

/// A folder `.sglp-*` to work in. Beside it lies a file that is locked as long as the process lives: so what a killed process
/// left is told from what is in use, even where several machines write to one file system.
final class WorkFolder implements AutoCloseable {
    private static final String PREFIX = ".sglp-";
    private static final String LOCK = ".lock";
    /// Locks of this process. They are never opened twice: closing one channel may give up the lock of the other.
    private static final Set<Path> OWN = ConcurrentHashMap.newKeySet();

    private final Path path;
    private final Path lock;
    private final FileChannel channel;

    private WorkFolder(Path path, Path lock, FileChannel channel) {
        this.path = path;
        this.lock = lock;
        this.channel = channel;
    }

    /// Makes one in a directory, after removing those of processes that are gone.
    static WorkFolder in(Path directory) throws IOException {
        var there = directory.toRealPath();
        removeAbandoned(there);
        while (true) {
            var name = "%s%016x".formatted(PREFIX, ThreadLocalRandom.current().nextLong());
            var lock = there.resolve(name + LOCK);
            OWN.add(lock);
            var channel = FileChannel.open(lock, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
            var made = new WorkFolder(directory.resolve(name), lock, channel);
            if (held(channel, lock, true)) {
                Files.createDirectory(made.path);
                return made;
            }
            made.close(); // taken for abandoned between its making and its locking
        }
    }

    Path path() {
        return path;
    }

    private static void removeAbandoned(Path directory) throws IOException {
        List<Path> locks;
        try (var files = Files.list(directory)) {
            locks = files.filter(f -> f.getFileName().toString().startsWith(PREFIX)
                    && f.getFileName().toString().endsWith(LOCK) && !OWN.contains(f)).toList();
        }
        for (var lock : locks) {
            var name = lock.getFileName().toString();
            try (var channel = FileChannel.open(lock, StandardOpenOption.WRITE)) {
                if (held(channel, lock, false)) {
                    OutputFolder.remove(directory.resolve(name.substring(0, name.length() - LOCK.length())));
                    Files.deleteIfExists(lock);
                }
            } catch (IOException _) {
                // another process removes it too, or it may not be removed: the work goes on beside it
            }
        }
    }

    /// @param unlockable what is said where the file system has no locks
    private static boolean held(FileChannel channel, Path lock, boolean unlockable) {
        try {
            return channel.tryLock() != null && Files.exists(lock, LinkOption.NOFOLLOW_LINKS);
        } catch (OverlappingFileLockException _) {
            return false;
        } catch (IOException _) {
            return unlockable;
        }
    }

    /// Removes the folder with all that is in it.
    @Override
    public void close() throws IOException {
        try {
            OutputFolder.remove(path);
            channel.close();
            Files.deleteIfExists(lock);
        } finally {
            channel.close();
            OWN.remove(lock);
        }
    }
}
