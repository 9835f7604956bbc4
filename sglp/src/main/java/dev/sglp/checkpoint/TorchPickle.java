package dev.sglp.checkpoint;

import dev.sglp.checkpoint.torch.TorchFile;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;

/// A file of `torch.save`, of either format: the zip archive of PyTorch 1.6 and later, or the row of pickles before. The
/// whole file is mapped for reading; pickles are read by an allow-list interpreter that runs nothing.
public final class TorchPickle implements Checkpoint {
    private final Path path;
    private final TorchFile file;
    private final SequencedMap<String, TensorInfo> infos = new LinkedHashMap<>();
    private final Arena arena;

    private TorchPickle(Path path, TorchFile file, Arena arena) {
        this.path = path;
        this.file = file;
        this.arena = arena;
        file.tensors().forEach(
                (name, tensor) -> infos.put(name, new TensorInfo(name, tensor.storage().dtype(), tensor.shape())));
    }

    /// @throws dev.sglp.pickle.UnsafePickleException where it asks for code
    /// @throws IOException                           where it is damaged or holds no tensors
    public static TorchPickle open(Path path) throws IOException {
        var arena = Arena.ofShared();
        try (var channel = FileChannel.open(path, StandardOpenOption.READ)) {
            var bytes = channel.map(MapMode.READ_ONLY, 0, channel.size(), arena);
            return new TorchPickle(path, TorchFile.read(path.toString(), bytes), arena);
        } catch (IOException | RuntimeException e) {
            arena.close();
            throw e;
        }
    }

    @Override
    public Path path() {
        return path;
    }

    @Override
    public String format() {
        return file.format();
    }

    @Override
    public SequencedMap<String, TensorInfo> tensors() {
        return Collections.unmodifiableSequencedMap(infos);
    }

    @Override
    public Map<String, String> metadata() {
        return file.metadata();
    }

    @Override
    public MemorySegment read(String name) {
        var tensor = file.tensors().get(name);
        if (tensor == null) {
            throw new IllegalArgumentException("[%s] has no tensor '%s'".formatted(path, name));
        }
        if (!arena.scope().isAlive()) {
            throw new IllegalStateException("[%s] is closed".formatted(path));
        }
        return file.bytes(tensor, arena);
    }

    @Override
    public void close() {
        if (arena.scope().isAlive()) {
            arena.close();
        }
    }
}
