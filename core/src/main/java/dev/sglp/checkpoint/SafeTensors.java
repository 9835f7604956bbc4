package dev.sglp.checkpoint;

import dev.sglp.checkpoint.mapped.MappedFile;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/// A safetensors file: eight bytes with the header's length, a JSON header, the tensors' bytes without a hole between them
/// (https://github.com/huggingface/safetensors#format). The whole file is mapped; nothing is read until asked.
public final class SafeTensors implements Checkpoint {
    private final SafeTensorsHeader header;
    private final MappedFile file;
    private final Arena copies = Arena.ofShared();

    private SafeTensors(MappedFile file) throws IOException {
        this.file = file;
        this.header = SafeTensorsHeader.read(file.path(), file.channel(), file.size());
    }

    /// @throws IOException where the file is cut, its header lies, or a tensor leaves the file
    public static SafeTensors open(Path path) throws IOException {
        var file = MappedFile.open(path);
        try {
            return new SafeTensors(file);
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
    }

    @Override
    public Path path() {
        return file.path();
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
        return read(name, copies);
    }

    @Override
    public MemorySegment read(String name, Arena memory) {
        var info = info(name);
        var view = file.bytes().asSlice(header.start() + header.begin(name), info.bytes());
        if (view.address() % info.dtype().bytes() == 0) {
            return view;
        }
        return memory.allocate(info.bytes(), info.dtype().bytes()).copyFrom(view);
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
            if (file.channel().read(chunk, from + chunk.position()) < 0) {
                throw new IOException("[%s] became shorter while it was read".formatted(path()));
            }
        }
    }

    private TensorInfo info(String name) {
        var info = header.tensors().get(name);
        if (info == null) {
            throw new IllegalArgumentException("[%s] has no tensor '%s'".formatted(path(), name));
        }
        file.checkOpen();
        return info;
    }

    @Override
    public void close() {
        file.close();
        if (copies.scope().isAlive()) {
            copies.close();
        }
    }

    @Override
    public List<MappedFile> mapped() {
        return List.of(file);
    }
}
