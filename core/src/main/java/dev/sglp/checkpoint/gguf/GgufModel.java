package dev.sglp.checkpoint.gguf;

import dev.sglp.checkpoint.TensorInfo;
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
import java.util.TreeMap;
import java.util.function.LongUnaryOperator;
import java.util.stream.Collectors;

/// A GGUF file as Hugging Face would have it: names, shapes, the order of rows, the configuration.
public final class GgufModel {
    private final MemorySegment file;
    private final GgufHeader header;
    private final SequencedMap<String, Object> config;
    private final SequencedMap<String, GgufTensor> tensors;
    private final SequencedMap<String, TensorInfo> infos = new LinkedHashMap<>();

    private GgufModel(Path path, MemorySegment file) throws IOException {
        this.file = file;
        this.header = GgufHeader.read(path, file);
        this.config = GgufConfig.of(path, header, file);
        this.tensors = GgufNames.of(path, header, config);
        tensors.forEach((name, t) -> infos.put(name, new TensorInfo(name, t.type().dtype(), t.shape())));
        tensors.replaceAll((name, t) -> permuted(name) && t.shape().size() == 1 ? column(t) : t);
        for (var tensor : tensors.values()) {
            if (tensor.rowElements() % tensor.type().elements() != 0) {
                throw new IOException("[%s] tensor '%s' is of type %s, expected a plain one".formatted(path,
                        tensor.name(), tensor.type()));
            }
        }
    }

    /// @param file the whole file
    /// @throws IOException where the file is damaged or holds what is not read
    public static GgufModel read(Path path, MemorySegment file) throws IOException {
        return new GgufModel(path, file);
    }

    private static GgufTensor column(GgufTensor t) {
        return new GgufTensor(t.name(), t.type(), List.of(t.shape().getFirst(), 1L), t.offset(), t.bytes());
    }

    public GgufHeader header() {
        return header;
    }

    /// The content of a `config.json` for this model.
    public SequencedMap<String, Object> config() {
        return Collections.unmodifiableSequencedMap(config);
    }

    /// The tensors by the names Hugging Face gives them, as they are read.
    public SequencedMap<String, TensorInfo> tensors() {
        return Collections.unmodifiableSequencedMap(infos);
    }

    /// How many of its numbers are of which type, by the type's name.
    public Map<String, Long> numbersByType() {
        return header.tensors().values().stream().collect(Collectors.groupingBy(t -> t.type().name(), TreeMap::new,
                Collectors.summingLong(GgufTensor::elements)));
    }

    /// The type of the blocks that a tensor consists of; empty where it consists of plain numbers.
    public Optional<String> blocks(String name) {
        var type = tensors.get(name).type();
        return type.block().map(_ -> type.name());
    }

    /// The bytes of a tensor: a view of the file where it holds them as they are, else memory of `arena`.
    public MemorySegment read(String name, Arena arena) {
        var tensor = tensors.get(name);
        var view = file.asSlice(tensor.offset(), tensor.bytes());
        var info = infos.get(name);
        if (tensor.type().block().isEmpty() && !permuted(name) && view.address() % info.dtype().bytes() == 0) {
            return view;
        }
        var copy = arena.allocate(info.bytes(), 64);
        new Dequantiser(file, tensor, order(name)).copyTo(copy);
        return copy;
    }

    /// For `llama`, GGUF has the rows of queries and keys in pairs that rotate together; Hugging Face has the first elements of all
    /// pairs of a head, then the second.
    private boolean permuted(String name) {
        return config.get("model_type").equals("llama")
                && (name.contains("self_attn.q_proj.") || name.contains("self_attn.k_proj."));
    }

    private LongUnaryOperator order(String name) {
        if (!permuted(name)) {
            return LongUnaryOperator.identity();
        }
        int head = (int) config.get("head_dim");
        return row -> {
            long inHead = row % head;
            return row - inHead + inHead % (head / 2) * 2 + inHead / (head / 2);
        };
    }
}
