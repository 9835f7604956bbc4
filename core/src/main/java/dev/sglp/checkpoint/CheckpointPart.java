package dev.sglp.checkpoint;

import dev.sglp.checkpoint.mapped.MappedFile;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/// Some tensors of a checkpoint by other names: those of the one network that is meant, without what stands before its names.
public final class CheckpointPart implements Checkpoint {
    private final Checkpoint of;
    private final Reading reading;
    private final SequencedMap<String, TensorInfo> tensors = new LinkedHashMap<>();

    /// How a checkpoint is read.
    ///
    /// @param names  new name → name in the checkpoint, in the order they are shown
    /// @param chosen the part's own name where there are several of which somebody chose; else empty
    /// @param notes  what the user should know of it
    public record Reading(SequencedMap<String, String> names, Optional<String> chosen, List<String> notes) {
        public Reading {
            names = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(names));
            notes = List.copyOf(notes);
        }
    }

    /// @param of closed with this
    /// @throws IOException where its tensors would take much more memory than the file has bytes
    public CheckpointPart(Checkpoint of, Reading reading) throws IOException {
        this.of = of;
        this.reading = reading;
        of.checkGrowth(reading.names.values());
        reading.names.forEach((name, old) -> tensors.put(name, of.tensors().get(old).renamed(name)));
    }

    private String old(String name) {
        var old = reading.names.get(name);
        if (old == null) {
            throw new IllegalArgumentException("[%s] has no tensor '%s'".formatted(of.path(), name));
        }
        return old;
    }

    @Override
    public Path path() {
        return of.path();
    }

    @Override
    public List<Path> weightFiles() {
        return of.weightFiles();
    }

    @Override
    public Path file(String name) {
        return of.file(old(name));
    }

    @Override
    public String format() {
        return of.format();
    }

    @Override
    public SequencedMap<String, TensorInfo> tensors() {
        return Collections.unmodifiableSequencedMap(tensors);
    }

    @Override
    public Optional<String> chosen() {
        return reading.chosen;
    }

    @Override
    public List<String> notes() {
        return reading.notes;
    }

    @Override
    public Map<String, String> metadata() {
        return of.metadata();
    }

    @Override
    public MemorySegment read(String name) throws IOException {
        return of.read(old(name));
    }

    @Override
    public MemorySegment read(String name, Arena copies) throws IOException {
        return of.read(old(name), copies);
    }

    @Override
    public void stream(String name, Chunks to) throws IOException {
        of.stream(old(name), to);
    }

    @Override
    public List<MappedFile> mapped() {
        return of.mapped();
    }

    @Override
    public Optional<Path> home() {
        return of.home();
    }

    @Override
    public SequencedMap<String, Object> config() throws IOException {
        return of.config();
    }

    @Override
    public List<Path> files() throws IOException {
        return of.files();
    }

    @Override
    public void close() {
        of.close();
    }
}
