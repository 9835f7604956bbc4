package dev.sglp.checkpoint;

import dev.sglp.checkpoint.mapped.MappedFile;
import dev.sglp.checkpoint.torch.Scalars;
import dev.sglp.checkpoint.torch.StateDict;
import dev.sglp.checkpoint.torch.TorchFile;
import dev.sglp.checkpoint.torch.TorchTensor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/// A file of `torch.save`: the state dict, or a dictionary that has one beside other things. Its pickle is interpreted by a list
/// of what it may build (tensors and plain values), never run. The whole file is mapped for reading; weights are read when asked.
public final class TorchPickle implements Checkpoint {
    /// Expanded and shared tensors may be this many times as large as the file, all together; more is an attack or an accident.
    private static final long LARGEST_GROWTH = 16;
    private static final long SMALL = 1 << 20;

    private final MappedFile mapped;
    private final TorchFile file;
    private final StateDict state;
    private final SequencedMap<String, TorchTensor> stored;
    private final SequencedMap<String, TensorInfo> tensors = new LinkedHashMap<>();
    private final Map<String, MemorySegment> copies = new HashMap<>();
    private final Arena arena; // of the copies

    private TorchPickle(MappedFile mapped) throws IOException {
        this.mapped = mapped;
        this.arena = Arena.ofShared();
        this.file = TorchFile.read(mapped.path(), mapped.bytes());
        this.state = StateDict.of(mapped.path(), file.root(), mapped.size());
        this.stored = state.tensors();
        describe();
        checkGrowth(stored.keySet());
    }

    private TorchPickle(TorchPickle of) {
        this.mapped = of.mapped;
        this.arena = of.arena;
        this.file = of.file;
        this.state = of.state;
        this.stored = state.whole();
        describe();
    }

    private void describe() {
        stored.forEach((name, tensor) -> tensors.put(name, new TensorInfo(name, tensor.dtype(), tensor.shape())));
    }

    /// @throws IOException where the file is damaged, has no state dict, or asks for anything but tensors and plain values
    public static TorchPickle open(Path path) throws IOException {
        var mapped = MappedFile.open(path);
        try {
            if (mapped.size() == 0) {
                throw new IOException("[%s] is empty".formatted(path));
            }
            return new TorchPickle(mapped);
        } catch (ArithmeticException | IllegalArgumentException | IndexOutOfBoundsException e) {
            mapped.close();
            throw new IOException("[%s] its header contradicts itself: %s".formatted(path, e.getMessage()), e);
        } catch (IOException | RuntimeException e) {
            mapped.close();
            throw e;
        }
    }

    @Override
    public TorchPickle whole() {
        return new TorchPickle(this);
    }

    @Override
    public void checkGrowth(Collection<String> names) throws IOException {
        long fileBytes = mapped.size();
        long most = Math.max(SMALL, LARGEST_GROWTH * fileBytes);
        long left = most;
        for (var name : names) {
            var tensor = stored.get(name);
            if (tensor.bytes() > left) {
                throw new IOException(
                        "[%s] its tensors would take more than %d bytes, %d times the file. Maybe one is expanded: save tensor.contiguous()"
                                .formatted(path(), most, most / fileBytes));
            }
            left -= tensor.bytes();
        }
    }

    @Override
    public Path path() {
        return mapped.path();
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
        var tensor = stored.get(name);
        if (tensor == null) {
            throw new IllegalArgumentException("[%s] has no tensor '%s'".formatted(path(), name));
        }
        mapped.checkOpen();
        return tensor;
    }

    private MemorySegment copy(TorchTensor tensor, Arena memory) {
        var copy = memory.allocate(tensor.bytes(), tensor.dtype().bytes());
        file.copy(tensor, copy);
        return copy;
    }

    @Override
    public void close() {
        mapped.close();
        if (arena.scope().isAlive()) {
            arena.close();
        }
    }

    @Override
    public List<MappedFile> mapped() {
        return List.of(mapped);
    }
}
