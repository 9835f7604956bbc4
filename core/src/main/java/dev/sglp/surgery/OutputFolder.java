package dev.sglp.surgery;

import dev.sglp.checkpoint.AtomicFile;
import dev.sglp.checkpoint.OutputException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;

/// Where a new model's directory is made: everything in a folder aside, moved into place when it is whole. What the weights are
/// found by comes last, so that a directory that opens as a model is one. A directory that holds a model already is refused, and
/// no file is deleted that was not made here.
public final class OutputFolder implements AutoCloseable {
    private static final List<String> ENTRIES = List.of(Surgeon.WEIGHTS, ShardedWriter.INDEX, "pytorch_model.bin",
            "pytorch_model.bin.index.json");
    private static final long PIECE = 1 << 24;

    private final Path directory;
    private final Path aside;
    private final Consumer<String> moved;

    private OutputFolder(Path directory, Path aside, Consumer<String> moved) {
        this.directory = directory;
        this.aside = aside;
        this.moved = moved;
    }

    /// Makes the directory where it is missing, and the folder aside in it.
    ///
    /// @throws IOException where it holds a model already, is a file, or cannot be written to
    public static OutputFolder open(Path directory) throws IOException {
        return open(directory, _ -> {});
    }

    /// @param moved told the name of each file when it is in its place
    static OutputFolder open(Path directory, Consumer<String> moved) throws IOException {
        checkFree(directory);
        try {
            Files.createDirectories(directory);
            return new OutputFolder(directory, Files.createTempDirectory(directory, ".sglp-"), moved);
        } catch (IOException e) {
            throw new OutputException("[%s] cannot be written to: %s. Choose another --out".formatted(directory, e), e);
        }
    }

    /// @throws IOException where nothing may be written to this directory; asked before any work is done
    public static void checkFree(Path directory) throws IOException {
        if (Files.exists(directory) && !Files.isDirectory(directory)) {
            throw new IOException("[%s] is a file, expected a directory. Choose another --out".formatted(directory));
        }
        for (var entry : ENTRIES) {
            if (Files.exists(directory.resolve(entry), LinkOption.NOFOLLOW_LINKS)) {
                throw new IOException(
                        "[%s] holds a model already (%s), which is not overwritten. Choose another --out, or move it away"
                                .formatted(directory, entry));
            }
        }
    }

    /// The folder to write to.
    public Path aside() {
        return aside;
    }

    /// Puts a document beside the weights, for instance `config.json`.
    public void put(String name, byte[] content) throws IOException {
        AtomicFile.write(aside.resolve(name), content);
    }

    /// Copies files of another directory to the same places here.
    public void copy(Path from, List<Path> files) throws IOException {
        for (var file : files) {
            var place = from.relativize(file).normalize();
            if (place.isAbsolute() || place.startsWith("..")) {
                throw new IllegalArgumentException("[%s] is not in %s".formatted(file, from));
            }
            AtomicFile.write(aside.resolve(place), to -> {
                try (var source = FileChannel.open(file, StandardOpenOption.READ)) {
                    for (long at = 0; at < source.size();) {
                        at += source.transferTo(at, PIECE, to);
                    }
                }
            }, _ -> {});
        }
    }

    /// Moves everything into place: first what stands beside the weights, then shards, last what they are found by.
    ///
    /// @throws IOException where a file cannot be moved, or a model has appeared there
    public void moveIntoPlace() throws IOException {
        checkFree(directory);
        List<Path> made;
        try (var files = Files.walk(aside)) {
            made = files.filter(Files::isRegularFile).sorted(Comparator.comparing(OutputFolder::rank)).toList();
        }
        for (var file : made) {
            var place = directory.resolve(aside.relativize(file));
            Files.createDirectories(place.getParent());
            try {
                Files.move(file, place, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            } catch (IOException e) {
                throw new OutputException("[%s] cannot be written: %s. Maybe it is a directory".formatted(place, e), e);
            }
            AtomicFile.flushDirectory(place.getParent());
            moved.accept(aside.relativize(file).toString());
        }
    }

    private static int rank(Path file) {
        var name = file.getFileName().toString();
        if (ENTRIES.contains(name)) {
            return 2;
        }
        return name.endsWith(".safetensors") ? 1 : 0;
    }

    /// Removes the folder aside with all that was not moved.
    @Override
    public void close() throws IOException {
        if (!Files.exists(aside)) {
            return;
        }
        List<Path> left;
        try (var files = Files.walk(aside)) {
            left = files.sorted(Comparator.reverseOrder()).toList();
        }
        for (var file : left) {
            Files.delete(file);
        }
    }
}
