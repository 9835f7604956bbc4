package dev.sglp.checkpoint;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.SequencedMap;

/// A safetensors file: eight bytes with the header's length, a JSON header, the tensors' bytes without a hole between them
/// (https://github.com/huggingface/safetensors#format). The whole file is mapped for reading (a private mapping
/// would need permission to write); nothing is read until asked.
public final class SafeTensors implements Checkpoint {
    private final Path path;
    private final SafeTensorsHeader header;
    private final MemorySegment data;
    private final Arena arena;

    private SafeTensors(Path path, SafeTensorsHeader header, MemorySegment data, Arena arena) {
        this.path = path;
        this.header = header;
        this.data = data;
        this.arena = arena;
    }

    /// @throws IOException where the file is cut, its header lies, or a tensor leaves the file
    public static SafeTensors open(Path path) throws IOException {
        var arena = Arena.ofShared();
        try (var channel = FileChannel.open(path, StandardOpenOption.READ)) {
            long size = channel.size();
            var header = SafeTensorsHeader.read(path, channel, size);
            var data = size == header.start()
                    ? MemorySegment.NULL
                    : channel.map(MapMode.READ_ONLY, header.start(), size - header.start(), arena);
            return new SafeTensors(path, header, data, arena);
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
        return "safetensors";
    }

    @Override
    public SequencedMap<String, TensorInfo> tensors() {
        return header.tensors();
    }

    @Override
    public Map<String, String> metadata() {
        return header.metadata();
    }

    @Override
    public MemorySegment read(String name) {
        var info = header.tensors().get(name);
        if (info == null) {
            throw new IllegalArgumentException("[%s] has no tensor '%s'".formatted(path, name));
        }
        if (!arena.scope().isAlive()) {
            throw new IllegalStateException("[%s] is closed".formatted(path));
        }
        var view = data.asSlice(header.begin(name), info.bytes());
        if (view.address() % info.dtype().bytes() == 0) {
            return view;
        }
        return arena.allocate(info.bytes(), info.dtype().bytes()).copyFrom(view);
    }

    @Override
    public void close() {
        if (arena.scope().isAlive()) {
            arena.close();
        }
    }
}
