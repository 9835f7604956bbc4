package dev.sglp.checkpoint;

import dev.sglp.checkpoint.torch.Scalars;
import dev.sglp.checkpoint.torch.StateDict;
import dev.sglp.checkpoint.torch.TorchFile;
import dev.sglp.checkpoint.torch.TorchTensor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;

/// A file of `torch.save`: the state dict, or a dictionary that has one beside other things. Its pickle is interpreted by a list
/// of what it may build (tensors and plain values), never run. The whole file is mapped for reading; weights are read when asked.
public final class TorchPickle implements Checkpoint {
    /// Expanded and shared tensors may be this many times as large as the file, all together; more is an attack or an accident.
    private static final long LARGEST_GROWTH = 16;
    private static final long SMALL = 1 << 20;

    private final Path path;
    private final TorchFile file;
    private final StateDict state;
    private final SequencedMap<String, TensorInfo> tensors = new LinkedHashMap<>();
    private final Map<String, MemorySegment> copies = new HashMap<>();
    private final Arena arena;
    private final MemorySegment bytes;

    private TorchPickle(Path path, MemorySegment bytes, Arena arena) throws IOException {
        this.path = path;
        this.arena = arena;
        this.bytes = bytes;
        this.file = TorchFile.read(path, bytes);
        this.state = StateDict.of(path, file.root(), bytes.byteSize());
        checkGrowth(bytes.byteSize());
        state.tensors()
                .forEach((name, tensor) -> tensors.put(name, new TensorInfo(name, tensor.dtype(), tensor.shape())));
    }

    /// @throws IOException where the file is damaged, has no state dict, or asks for anything but tensors and plain values
    public static TorchPickle open(Path path) throws IOException {
        var arena = Arena.ofShared();
        try (var channel = FileChannel.open(path, StandardOpenOption.READ)) {
            if (channel.size() == 0) {
                throw new IOException("[%s] is empty".formatted(path));
            }
            return new TorchPickle(path, channel.map(MapMode.READ_ONLY, 0, channel.size(), arena), arena);
        } catch (ArithmeticException | IllegalArgumentException | IndexOutOfBoundsException e) {
            arena.close();
            throw new IOException("[%s] its header contradicts itself: %s".formatted(path, e.getMessage()), e);
        } catch (IOException | RuntimeException e) {
            arena.close();
            throw e;
        }
    }

    private void checkGrowth(long fileBytes) throws IOException {
        long most = Math.max(SMALL, LARGEST_GROWTH * fileBytes);
        long left = most;
        for (var tensor : state.tensors().values()) {
            if (tensor.bytes() > left) {
                throw new IOException(
                        "[%s] its tensors would take more than %d bytes, %d times the file. Maybe one is expanded: save tensor.contiguous()"
                                .formatted(path, most, most / fileBytes));
            }
            left -= tensor.bytes();
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
        return Collections.unmodifiableSequencedMap(tensors);
    }

    @Override
    public Map<String, String> metadata() {
        return Collections.unmodifiableMap(Scalars.among(file, state.tensors().values(), state.metadata()));
    }

    @Override
    public synchronized MemorySegment read(String name) {
        var tensor = tensor(name);
        return file.usableInPlace(tensor) ? file.view(tensor) : copies.computeIfAbsent(name, _ -> copy(tensor, arena));
    }

    @Override
    public MemorySegment read(String name, Arena memory) {
        var tensor = tensor(name);
        return file.usableInPlace(tensor) ? file.view(tensor) : copy(tensor, memory);
    }

    private TorchTensor tensor(String name) {
        var tensor = state.tensors().get(name);
        if (tensor == null) {
            throw new IllegalArgumentException("[%s] has no tensor '%s'".formatted(path, name));
        }
        if (!arena.scope().isAlive()) {
            throw new IllegalStateException("[%s] is closed".formatted(path));
        }
        return tensor;
    }

    private MemorySegment copy(TorchTensor tensor, Arena memory) {
        var copy = memory.allocate(tensor.bytes(), tensor.dtype().bytes());
        file.copy(tensor, copy);
        return copy;
    }

    @Override
    public void unload() {
        if (bytes.isMapped() && arena.scope().isAlive()) {
            bytes.unload();
        }
    }

    @Override
    public void close() {
        if (arena.scope().isAlive()) {
            arena.close();
        }
    }
}
