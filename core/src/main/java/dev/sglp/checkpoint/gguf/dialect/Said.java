package dev.sglp.checkpoint.gguf.dialect;

import dev.sglp.checkpoint.gguf.GgufTensor;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;

/// What a file says, and what of it stands in the `config.json` already.
public final class Said {
    /// @param size numbers a head
    public record Heads(int query, int key, int size) {}

    private final GgufValues values;
    private final Map<String, GgufTensor> tensors;
    private final MemorySegment file;
    private final SequencedMap<String, Object> config = new LinkedHashMap<>();
    private int width;
    private int depth;
    private Heads heads = new Heads(1, 1, 2);

    public Said(GgufValues values, Map<String, GgufTensor> tensors, MemorySegment file) {
        this.values = values;
        this.tensors = tensors;
        this.file = file;
    }

    public Path path() {
        return values.path();
    }

    public GgufValues values() {
        return values;
    }

    public MemorySegment file() {
        return file;
    }

    public SequencedMap<String, Object> config() {
        return config;
    }

    public void put(String field, Object value) {
        config.put(field, value);
    }

    public boolean has(String tensor) {
        return tensors.containsKey(tensor);
    }

    /// @throws IOException where it is not there
    public GgufTensor tensor(String name) throws IOException {
        var found = tensors.get(name);
        if (found == null) {
            throw new IOException("[%s] has no tensor '%s'. Maybe it was cut".formatted(path(), name));
        }
        return found;
    }

    /// Width of the stream.
    public int width() {
        return width;
    }

    /// Number of layers.
    public int depth() {
        return depth;
    }

    public void sizes(int numbers, int layers) {
        width = numbers;
        depth = layers;
    }

    public Heads heads() {
        return heads;
    }

    public void heads(Heads found) {
        heads = found;
    }
}
