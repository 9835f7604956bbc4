package dev.sglp.checkpoint;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
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
    private final FileChannel channel;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment data;

    private SafeTensors(Path path, FileChannel channel) throws IOException {
        this.path = path;
        this.channel = channel;
        long size = channel.size();
        this.header = SafeTensorsHeader.read(path, channel, size);
        this.data = size == header.start()
                ? MemorySegment.NULL
                : channel.map(MapMode.READ_ONLY, header.start(), size - header.start(), arena);
    }

    /// @throws IOException where the file is cut, its header lies, or a tensor leaves the file
    public static SafeTensors open(Path path) throws IOException {
        var channel = FileChannel.open(path, StandardOpenOption.READ);
        try {
            return new SafeTensors(path, channel);
        } catch (IOException | RuntimeException e) {
            channel.close();
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
        return read(name, arena);
    }

    @Override
    public MemorySegment read(String name, Arena copies) {
        var info = info(name);
        var view = data.asSlice(header.begin(name), info.bytes());
        if (view.address() % info.dtype().bytes() == 0) {
            return view;
        }
        return copies.allocate(info.bytes(), info.dtype().bytes()).copyFrom(view);
    }

    /// Reads the file instead of its mapping: pages that were touched would count as this program's memory.
    @Override
    public void stream(String name, Chunks to) throws IOException {
        long end = info(name).bytes();
        try (var memory = Arena.ofConfined()) {
            var chunk = memory.allocate(Math.min(CHUNK, end)).asByteBuffer();
            for (long at = 0; at < end; at += chunk.limit()) {
                chunk.clear().limit((int) Math.min(CHUNK, end - at));
                fill(chunk, header.start() + header.begin(name) + at);
                to.accept(chunk.flip());
            }
        }
    }

    private void fill(ByteBuffer chunk, long from) throws IOException {
        while (chunk.hasRemaining()) {
            if (channel.read(chunk, from + chunk.position()) < 0) {
                throw new IOException("[%s] became shorter while it was read".formatted(path));
            }
        }
    }

    @Override
    public void unload() {
        if (data.isMapped() && arena.scope().isAlive()) {
            data.unload();
        }
    }

    private TensorInfo info(String name) {
        var info = header.tensors().get(name);
        if (info == null) {
            throw new IllegalArgumentException("[%s] has no tensor '%s'".formatted(path, name));
        }
        if (!arena.scope().isAlive()) {
            throw new IllegalStateException("[%s] is closed".formatted(path));
        }
        return info;
    }

    @Override
    public void close() {
        if (arena.scope().isAlive()) {
            arena.close();
            try {
                channel.close();
            } catch (IOException _) {
                // nothing was written to it
            }
        }
    }
}
