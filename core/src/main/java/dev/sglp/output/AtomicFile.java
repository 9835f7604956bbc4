package dev.sglp.output;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.concurrent.ThreadLocalRandom;

/// Files that are there whole or not at all: written under a temporary name beside the target, flushed to the disk, checked,
/// then renamed. Whatever goes wrong, the old file stays.
public final class AtomicFile {
    private AtomicFile() {}

    /// Fills a new, empty file.
    @FunctionalInterface
    public interface Filler {
        void fill(FileChannel channel) throws IOException;
    }

    /// Looks at the written file before it gets its name; throws where it is not as it should be.
    @FunctionalInterface
    public interface Check {
        void check(Path written) throws IOException;
    }

    public static void write(Path target, byte[] content) throws IOException {
        write(target, channel -> writeFully(channel, ByteBuffer.wrap(content)), _ -> {});
    }

    /// @throws OutputException naming the target and the reason, for instance a full disk; the old file is untouched
    public static void write(Path target, Filler filler, Check check) throws IOException {
        var directory = target.toAbsolutePath().getParent();
        Path aside;
        try {
            Files.createDirectories(directory);
            aside = Files.createFile(directory
                    .resolve(".%s-%016x.tmp".formatted(target.getFileName(), ThreadLocalRandom.current().nextLong())));
        } catch (AccessDeniedException e) {
            throw new OutputException("[%s] cannot be written: no permission to write in %s. Choose another --out"
                    .formatted(target, directory), e);
        } catch (IOException e) {
            throw new OutputException("[%s] cannot be written: %s".formatted(target, Reason.of(e)), e);
        }
        try {
            try (var channel = FileChannel.open(aside, StandardOpenOption.WRITE)) {
                filler.fill(channel);
                channel.force(true);
            } catch (IOException e) {
                throw new OutputException("[%s] cannot be written: %s. Maybe the disk is full; nothing was changed"
                        .formatted(target, Reason.of(e)), e);
            }
            check.check(aside);
            rename(aside, target);
            flushDirectory(directory);
        } finally {
            Files.deleteIfExists(aside);
        }
    }

    /// Removes files made here, what killed processes left of their writing, and the folder where nothing else is in it.
    ///
    /// @param names of the files, as globs
    public static void removeAll(Path folder, String... names) throws IOException {
        if (!Files.isDirectory(folder)) {
            return;
        }
        for (var name : names) {
            try (var own = Files.newDirectoryStream(folder, "{%s,.%s-*.tmp}".formatted(name, name))) {
                for (var file : own) {
                    Files.deleteIfExists(file);
                }
            }
        }
        try {
            Files.deleteIfExists(folder);
        } catch (DirectoryNotEmptyException _) {
            return; // the rest is somebody else's
        }
    }

    /// What people may have edited is not lost when it is written anew: other content stays beside it under the name `target~`.
    public static void keepOld(Path target, byte[] content) throws IOException {
        if (Files.isRegularFile(target) && !Arrays.equals(Files.readAllBytes(target), content)) {
            write(target.resolveSibling(target.getFileName() + "~"), Files.readAllBytes(target));
        }
    }

    /// Asked before long work: whether files can be made in a directory, or in the one it would be made in.
    ///
    /// @param flag that named it, for the message
    /// @throws OutputException where they cannot
    /// @throws IOException where it is a file
    public static void checkWritable(Path directory, String flag) throws IOException {
        if (Files.exists(directory) && !Files.isDirectory(directory)) {
            throw new IOException("[%s] is a file, expected a directory. Choose another %s".formatted(directory, flag));
        }
        var there = directory.toAbsolutePath().normalize();
        while (!Files.exists(there) && there.getParent() != null) {
            there = there.getParent();
        }
        if (!Files.isDirectory(there) || !Files.isWritable(there)) {
            throw new OutputException(
                    "[%s] cannot be written: %s is %s. Choose another %s".formatted(directory, there,
                            Files.isDirectory(there) ? "read-only" : "no directory", flag),
                    null);
        }
    }

    private static void rename(Path aside, Path target) throws OutputException {
        try {
            Files.move(aside, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new OutputException("[%s] cannot be written: %s. Maybe it is a directory; nothing was changed"
                    .formatted(target, Reason.of(e)), e);
        }
    }

    /// A rename is on the disk when its directory is; systems that cannot flush a directory do it themselves.
    public static void flushDirectory(Path directory) {
        try (var channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        } catch (IOException _) {
            // not offered by this file system
        }
    }

    /// Writes what remains in the buffer.
    public static void writeFully(FileChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }
}
