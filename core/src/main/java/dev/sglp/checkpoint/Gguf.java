package dev.sglp.checkpoint;

import dev.sglp.checkpoint.gguf.architecture.GgufModel;
import dev.sglp.checkpoint.mapped.MappedFile;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/// A GGUF file (https://github.com/ggml-org/ggml/blob/master/docs/gguf.md), versions 2 and 3, of one of the architectures of
/// llama.cpp that are families here. It looks like a Hugging Face checkpoint: their names and shapes, rows in their order,
/// a `config.json` made from the header. Quantised tensors are float32 here, one at a time when they are read.
public final class Gguf implements Checkpoint {
    private static final int LONGEST_TEXT = 200;

    private final MappedFile file;
    private final GgufModel model;
    private final Map<String, MemorySegment> copies = new HashMap<>();
    private final Arena arena = Arena.ofShared(); // of the copies

    private Gguf(MappedFile file) throws IOException {
        this.file = file;
        this.model = GgufModel.read(file.path(), file.bytes());
    }

    /// @throws IOException where the file is damaged, or holds an architecture, a tensor or a type that is not read
    public static Gguf open(Path path) throws IOException {
        var file = MappedFile.open(path);
        try {
            if (file.size() == 0) {
                throw new IOException("[%s] is empty".formatted(path));
            }
            return new Gguf(file);
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
    public Optional<Path> home() {
        return Optional.empty();
    }

    @Override
    public String format() {
        return "GGUF v%d".formatted(model.header().version());
    }

    @Override
    public SequencedMap<String, TensorInfo> tensors() {
        return model.tensors();
    }

    @Override
    public Optional<String> blocks(String name) {
        return model.blocks(name);
    }

    /// What the file says in words: name, licence, …
    @Override
    public Map<String, String> metadata() {
        var words = new LinkedHashMap<String, String>();
        values().forEach((key, value) -> {
            if (key.startsWith("general.") && value instanceof String text && text.length() <= LONGEST_TEXT) {
                words.put(key, text);
            }
        });
        return words;
    }

    @Override
    public SequencedMap<String, Object> config() {
        return model.config();
    }

    /// Everything the file says beside its tensors, by key (`tokenizer.ggml.tokens`, …): strings, numbers, truth values, lists.
    public SequencedMap<String, Object> values() {
        return model.header().values();
    }

    /// The share of its numbers that each type holds (`Q4_1`, `F32`), of 1, largest first.
    public SequencedMap<String, Double> types() {
        var numbers = model.numbersByType();
        double all = numbers.values().stream().mapToLong(Long::longValue).sum();
        var shares = new LinkedHashMap<String, Double>();
        numbers.entrySet().stream().sorted(Map.Entry.<String, Long>comparingByValue().reversed())
                .forEach(e -> shares.put(e.getKey(), e.getValue() / all));
        return shares;
    }

    @Override
    public synchronized MemorySegment read(String name) {
        file.checkOpen();
        return copies.computeIfAbsent(name, n -> read(n, arena));
    }

    @Override
    public MemorySegment read(String name, Arena copies) {
        if (!model.tensors().containsKey(name)) {
            throw new IllegalArgumentException("[%s] has no tensor '%s'".formatted(path(), name));
        }
        file.checkOpen();
        return model.read(name, copies);
    }

    @Override
    public void stream(String name, Chunks to) throws IOException {
        Checkpoint.super.stream(name, to);
        unload();
    }

    @Override
    public void close() {
        file.close();
        if (arena.scope().isAlive()) {
            arena.close();
        }
    }

    @Override
    public List<MappedFile> mapped() {
        return List.of(file);
    }
}
