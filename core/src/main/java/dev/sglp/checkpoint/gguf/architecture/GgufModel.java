package dev.sglp.checkpoint.gguf.architecture;

import dev.sglp.checkpoint.gguf.dialect.Dialect;
import dev.sglp.checkpoint.gguf.dialect.Said;
import dev.sglp.checkpoint.gguf.dialect.GgufValues;
import dev.sglp.checkpoint.TensorInfo;
import dev.sglp.checkpoint.gguf.GgufHeader;
import dev.sglp.checkpoint.gguf.GgufPiece;
import dev.sglp.checkpoint.gguf.GgufTensor;
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
import java.util.stream.Collectors;

/// A GGUF file as Hugging Face would have it: names, shapes, the order of rows, the configuration. Whether its tensors are those
/// that the configuration asks for, the family says.
public final class GgufModel {
    private final MemorySegment file;
    private final GgufHeader header;
    private final SequencedMap<String, Object> config;
    private final SequencedMap<String, GgufPiece> pieces;
    private final SequencedMap<String, TensorInfo> infos = new LinkedHashMap<>();

    private GgufModel(Path path, MemorySegment file) throws IOException {
        this.file = file;
        this.header = GgufHeader.read(path, file);
        var dialect = Dialects.of(path, header);
        var values = new GgufValues(path, header.values(), dialect.code());
        var said = new Said(values, header.tensors(), file);
        this.config = config(dialect, said);
        this.pieces = dialect.names().of(header.tensors().values(), said, dialect.code());
        pieces.forEach((name, p) -> infos.put(name, new TensorInfo(name, p.from().type().dtype(), p.shape())));
    }

    /// @param file the whole file
    /// @throws IOException where the file is damaged or holds what is not read
    public static GgufModel read(Path path, MemorySegment file) throws IOException {
        return new GgufModel(path, file);
    }

    private static SequencedMap<String, Object> config(Dialect dialect, Said said) throws IOException {
        said.put("architectures", List.of(dialect.hugging()));
        said.put("model_type", dialect.type());
        for (var clause : dialect.clauses()) {
            clause.say(said);
        }
        vocabulary(said);
        said.put("tie_word_embeddings", !said.has("output.weight"));
        said.put("torch_dtype", torchType(said));
        said.put("use_cache", true);
        said.values().checkAllAsked();
        return said.config();
    }

    private static void vocabulary(Said said) throws IOException {
        var shape = said.tensor("token_embd.weight").shape();
        if (shape.size() != 2 || shape.getFirst() > Integer.MAX_VALUE) {
            throw new IOException("[%s] tensor 'token_embd.weight' has shape %s, expected a matrix".formatted(
                    said.path(), shape));
        }
        int rows = shape.getFirst().intValue();
        int known = said.values().find("vocab_size", "vocabulary").orElse(rows);
        if (known != rows) {
            throw new IOException("[%s] says its vocabulary has %d tokens, but 'token_embd.weight' has %d rows"
                    .formatted(said.path(), known, rows));
        }
        said.put("vocab_size", rows);
        for (var kind : List.of("bos", "eos")) {
            said.values().token(kind, rows).ifPresent(id -> said.put(kind + "_token_id", id));
        }
        said.values().token("padding", rows).ifPresent(id -> said.put("pad_token_id", id));
    }

    /// The type that the matrices are read as.
    private static String torchType(Said said) throws IOException {
        return switch (said.tensor("token_embd.weight").type()) {
            case F16 -> "float16";
            case BF16 -> "bfloat16";
            default -> "float32";
        };
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
        var type = pieces.get(name).from().type();
        return type.block().map(_ -> type.name());
    }

    /// The bytes of a tensor: a view of the file where it holds them as they are, else memory of `arena`.
    public MemorySegment read(String name, Arena arena) {
        return pieces.get(name).read(file, arena);
    }
}
