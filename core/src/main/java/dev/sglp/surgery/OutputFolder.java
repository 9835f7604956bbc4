package dev.sglp.surgery;

import dev.sglp.checkpoint.OutputFormat;
import dev.sglp.output.AtomicFile;
import dev.sglp.output.ByteOrderMark;
import dev.sglp.output.OutputException;
import dev.sglp.output.Reason;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/// Where a new model's directory is made. The rule: everything is written in a folder aside, flushed, opened again and
/// compared, then moved into place, last what the weights are found by; so a directory that opens as a model is a whole one.
/// No file is deleted that was not made here or is not replaced; a plan or a `README.md` that differs stays as `plan.json~`. What is already in the place is kept or goes by {@link Present}.
/// Folders aside that killed processes left are removed.
public final class OutputFolder implements AutoCloseable {
    private static final List<String> ENTRIES = List.of(OutputFormat.SAFETENSORS.fileName(), ShardedWriter.INDEX,
            "pytorch_model.bin", "pytorch_model.bin.index.json", OutputFormat.PTH.fileName());
    private static final List<String> EDITED = List.of("plan.json", "README.md"); // by people
    private static final long PIECE = 1 << 24;
    private static final int ENTRY = 2; // the rank of what weights are found by
    private static final String REPLACED = ".replaced";

    private final Path directory;
    private final Present present;
    private final WorkFolder work;
    private final Consumer<String> moved;

    /// What happens to a model that is in the directory already.
    public enum Present {
        /// It is refused: a language model may be large, and has other shards than the one before.
        REFUSED,
        /// It is replaced, file by file of the same name: a small network that is made again and again.
        REPLACED
    }

    private OutputFolder(Path directory, Present present, WorkFolder work, Consumer<String> moved) {
        this.directory = directory;
        this.present = present;
        this.work = work;
        this.moved = moved;
    }

    /// Makes the directory where it is missing, and the folder aside in it.
    ///
    /// @throws IOException where it is a file, cannot be written to, or holds a model that is not replaced
    public static OutputFolder open(Path directory, Present present) throws IOException {
        return open(directory, present, _ -> {});
    }

    /// @param moved told the name of each file when it is in its place
    static OutputFolder open(Path directory, Present present, Consumer<String> moved) throws IOException {
        checkFree(directory, present);
        try {
            Files.createDirectories(directory);
            return new OutputFolder(directory, present, WorkFolder.in(directory), moved);
        } catch (IOException e) {
            throw new OutputException("[%s] cannot be written to: %s. Choose another --out".formatted(directory, Reason.of(e)), e);
        }
    }

    /// Removes a folder with all that is in it; does nothing where there is none.
    public static void remove(Path folder) throws IOException {
        if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        List<Path> left;
        try (var files = Files.walk(folder)) {
            left = files.sorted(Comparator.reverseOrder()).toList();
        }
        for (var file : left) {
            Files.deleteIfExists(file);
        }
    }

    /// @throws IOException where nothing may be written to this directory; asked before any work is done
    public static void checkFree(Path directory, Present present) throws IOException {
        if (Files.exists(directory) && !Files.isDirectory(directory)) {
            throw new IOException("[%s] is a file, expected a directory. Choose another --out".formatted(directory));
        }
        if (present == Present.REPLACED) {
            return;
        }
        var entry = entry(directory);
        if (entry.isPresent()) {
            throw new IOException(
                    "[%s] holds a model already (%s), which is not overwritten. Choose another --out, or move it away"
                            .formatted(directory, entry.get().getFileName()));
        }
    }

    /// What a model in this directory is found by; empty where there is none.
    public static Optional<Path> entry(Path directory) {
        return ENTRIES.stream().map(directory::resolve)
                .filter(file -> Files.exists(file, LinkOption.NOFOLLOW_LINKS)).findFirst();
    }

    /// The folder to write to.
    public Path aside() {
        return work.path();
    }

    /// Puts a document beside the weights, for instance `config.json`.
    public void put(String name, byte[] content) throws IOException {
        AtomicFile.write(aside().resolve(name), content);
    }

    /// Copies files of another directory to the same places here; JSON without a byte-order mark, with which others do not open
    /// it.
    public void copy(Path from, List<Path> files) throws IOException {
        for (var file : files) {
            var place = from.relativize(file).normalize();
            if (place.isAbsolute() || place.startsWith("..")) {
                throw new IllegalArgumentException("[%s] is not in %s".formatted(file, from));
            }
            AtomicFile.write(aside().resolve(place.toString()), to -> {
                try (var source = FileChannel.open(file, StandardOpenOption.READ)) {
                    for (long at = mark(file); at < source.size();) {
                        at += source.transferTo(at, PIECE, to);
                    }
                }
            }, _ -> {});
        }
    }

    private static int mark(Path file) throws IOException {
        try (var in = Files.newInputStream(file)) {
            return file.toString().endsWith(".json") ? ByteOrderMark.length(in.readNBytes(3)) : 0;
        }
    }

    /// Moves everything into place: first what stands beside the weights, then shards, last what they are found by. Weights
    /// that are replaced go first, so that no `config.json` stands beside weights it does not describe. Where a file cannot be
    /// moved, all that were replaced come back, and the others of the new model go.
    ///
    /// @throws IOException where a file cannot be moved, or a model has appeared there
    public void moveIntoPlace() throws IOException {
        checkFree(directory, present);
        List<Path> made;
        try (var files = Files.walk(aside())) {
            made = files.filter(Files::isRegularFile).sorted(Comparator.comparing(OutputFolder::rank)).toList();
        }
        try {
            for (var file : made) {
                putBy(file);
            }
            for (var file : made) {
                move(file, place(file));
            }
        } catch (IOException e) {
            for (var file : made) {
                bringBack(file);
            }
            throw e;
        }
    }

    /// What will be replaced can come back; of weights nothing stays in the place.
    private void putBy(Path file) throws IOException {
        if (!Files.isRegularFile(place(file))) {
            return;
        }
        Files.createDirectories(replaced(file).getParent());
        if (rank(file) == ENTRY) {
            Files.move(place(file), replaced(file), StandardCopyOption.ATOMIC_MOVE);
            return;
        }
        try {
            Files.createLink(replaced(file), place(file));
        } catch (IOException | UnsupportedOperationException _) { // not offered by this file system
            Files.copy(place(file), replaced(file));
        }
    }

    private void bringBack(Path file) throws IOException {
        if (Files.exists(replaced(file))) {
            Files.move(replaced(file), place(file), StandardCopyOption.REPLACE_EXISTING);
        } else if (!Files.exists(file)) { // moved, where nothing was
            Files.deleteIfExists(place(file));
        }
    }

    /// Where the file that stood in its place waits.
    private Path replaced(Path made) {
        return aside().resolve(REPLACED).resolve(aside().relativize(made));
    }

    private Path place(Path made) {
        return directory.resolve(aside().relativize(made));
    }

    private void move(Path file, Path place) throws IOException {
        try {
            Files.createDirectories(place.getParent());
            if (EDITED.contains(file.getFileName().toString())) {
                AtomicFile.keepOld(place, Files.readAllBytes(file));
            }
            Files.move(file, place, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new OutputException("[%s] cannot be written: %s. Maybe it is a directory".formatted(place, Reason.of(e)), e);
        }
        AtomicFile.flushDirectory(place.getParent());
        moved.accept(aside().relativize(file).toString());
    }

    private static int rank(Path file) {
        var name = file.getFileName().toString();
        if (ENTRIES.contains(name)) {
            return ENTRY;
        }
        return name.endsWith(".safetensors") ? 1 : 0;
    }

    /// Removes the folder aside with all that was not moved.
    @Override
    public void close() throws IOException {
        work.close();
    }
}
