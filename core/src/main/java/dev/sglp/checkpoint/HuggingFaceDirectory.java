package dev.sglp.checkpoint;

import dev.sglp.checkpoint.huggingface.ShardIndex;
import dev.sglp.checkpoint.mapped.MappedFile;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/// A model's directory as Hugging Face has it: `config.json`, and the weights in the file or index that its
/// `transformers_weights` names, else in `model.safetensors`, in several shards with `model.safetensors.index.json`, in
/// `pytorch_model.bin`, or in several shards with `pytorch_model.bin.index.json` (asked in this order).
public final class HuggingFaceDirectory implements Checkpoint {
    static final String WEIGHTS = "model.safetensors";
    static final String PICKLE = "pytorch_model.bin";
    static final String CONFIG = "config.json";
    static final String PICKLE_INDEX = "pytorch_model.bin.index.json";
    private static final String NAMED = "transformers_weights";

    private final Path directory;
    private final SequencedMap<String, Object> config;
    private final List<Checkpoint> parts = new ArrayList<>();
    private final SequencedMap<String, TensorInfo> tensors = new LinkedHashMap<>();
    private final Map<String, Checkpoint> holders = new HashMap<>();

    private HuggingFaceDirectory(Path directory) throws IOException {
        this.directory = directory;
        this.config = ConfigJson.in(directory);
    }

    /// @throws IOException where there are no weights, the index and the shards contradict each other, or a file is damaged
    public static HuggingFaceDirectory open(Path directory) throws IOException {
        var opened = new HuggingFaceDirectory(directory);
        try {
            opened.openParts();
            return opened;
        } catch (IOException | RuntimeException e) {
            opened.close();
            throw e;
        }
    }

    private void openParts() throws IOException {
        var named = namedWeights(directory, config);
        if (named.isPresent()) {
            openNamed(named.get());
        } else if (Files.isRegularFile(directory.resolve(WEIGHTS))) {
            add(opened(directory.resolve(WEIGHTS), SafeTensors::open));
        } else if (Files.isRegularFile(directory.resolve(ShardIndex.NAME))) {
            openShards(ShardIndex.NAME, ".safetensors", SafeTensors::open);
        } else if (Files.isRegularFile(directory.resolve(PICKLE))) {
            add(opened(directory.resolve(PICKLE), TorchPickle::open));
        } else if (Files.isRegularFile(directory.resolve(PICKLE_INDEX))) {
            openShards(PICKLE_INDEX, ".bin", TorchPickle::open);
        } else {
            throw new IOException("[%s] has no weights. Expected %s, %s or %s".formatted(directory, WEIGHTS,
                    ShardIndex.NAME, PICKLE));
        }
    }

    /// The file that `transformers_weights` says the weights are in; empty where it says nothing.
    ///
    /// @throws IOException where that is no file of this directory, or of another kind than transformers takes
    static Optional<String> namedWeights(Path directory, Map<String, Object> config) throws IOException {
        var value = config.get(NAMED);
        if (value == null) {
            return Optional.empty();
        }
        if (value instanceof String name && name.matches("[^/\\\\\0]+\\.safetensors(\\.index\\.json)?")) {
            return Optional.of(name);
        }
        throw new IOException(
                "[%s] config.json '%s': expected a .safetensors or .safetensors.index.json file of this directory, got '%s'"
                        .formatted(directory, NAMED, value));
    }

    private void openNamed(String name) throws IOException {
        if (!Files.isRegularFile(directory.resolve(name))) {
            throw new IOException("[%s] does not exist, but config.json says (%s) that the weights are in it"
                    .formatted(directory.resolve(name), NAMED));
        }
        if (name.endsWith(".json")) {
            openShards(name, ".safetensors", SafeTensors::open);
        } else {
            add(opened(directory.resolve(name), SafeTensors::open));
        }
    }

    private void openShards(String name, String ending, Format format) throws IOException {
        Download.check(directory.resolve(name));
        var index = ShardIndex.read(directory.resolve(name), ending);
        for (var shard : index.shards().keySet()) {
            var file = directory.resolve(shard);
            if (!Files.isRegularFile(file)) {
                throw new IOException("[%s] is missing: %s says tensors are in it. Maybe the download is not complete"
                        .formatted(file, index.path().getFileName()));
            }
            var part = opened(file, format);
            add(part);
            index.check(shard, part.tensors().keySet());
        }
    }

    /// Opens a file of weights.
    private interface Format {
        Checkpoint open(Path file) throws IOException;
    }

    private static Checkpoint opened(Path file, Format format) throws IOException {
        Download.checkWeights(file);
        return format.open(file);
    }

    private void add(Checkpoint part) throws IOException {
        parts.add(part);
        for (var info : part.tensors().values()) {
            if (tensors.putIfAbsent(info.name(), info) != null) {
                throw new IOException("[%s] has tensor '%s', which is in %s too".formatted(part.path(), info.name(),
                        file(info.name()).getFileName()));
            }
            holders.put(info.name(), part);
        }
    }

    @Override
    public Path path() {
        return directory;
    }

    @Override
    public Optional<Path> home() {
        return Optional.of(directory);
    }

    @Override
    public List<Path> weightFiles() {
        return parts.stream().map(Checkpoint::path).toList();
    }

    @Override
    public String format() {
        return parts.size() == 1
                ? parts.getFirst().format()
                : "%s in %d files".formatted(parts.getFirst().format(), parts.size());
    }

    @Override
    public SequencedMap<String, TensorInfo> tensors() {
        return Collections.unmodifiableSequencedMap(tensors);
    }

    @Override
    public Map<String, String> metadata() {
        return parts.getFirst().metadata();
    }

    @Override
    public SequencedMap<String, Object> config() {
        return Collections.unmodifiableSequencedMap(config);
    }

    private Checkpoint holder(String name) {
        var holder = holders.get(name);
        if (holder == null) {
            throw new IllegalArgumentException("[%s] has no tensor '%s'".formatted(directory, name));
        }
        return holder;
    }

    @Override
    public Path file(String name) {
        return holder(name).path();
    }

    @Override
    public MemorySegment read(String name) throws IOException {
        return holder(name).read(name);
    }

    @Override
    public MemorySegment read(String name, Arena copies) throws IOException {
        return holder(name).read(name, copies);
    }

    @Override
    public void stream(String name, Chunks to) throws IOException {
        holder(name).stream(name, to);
    }

    @Override
    public void close() {
        parts.forEach(Checkpoint::close);
    }

    @Override
    public List<MappedFile> mapped() {
        return parts.stream().flatMap(part -> part.mapped().stream()).toList();
    }
}
