package dev.sglp.checkpoint.gguf;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/// The checked header of a GGUF file, versions 2 and 3: values by key, then tensors, each in the file and apart from the others.
public final class GgufHeader {
    private static final int MAGIC = 0x46554747; // "GGUF"
    private static final long LEAST_VALUE = 13; // bytes: the key's length, the type, one byte
    private static final long LEAST_TENSOR = 24; // bytes: the name's length, the number of sizes, the type, the offset
    private static final int MOST_SIZES = 4;
    private static final long ALIGNMENT = 32; // where the file does not say another
    private static final long MOST_ALIGNMENT = 1 << 16;

    private final Path path;
    private final GgufCursor cursor;
    private final int version;
    private final SequencedMap<String, Object> values = new LinkedHashMap<>();
    private final SequencedMap<String, GgufTensor> tensors = new LinkedHashMap<>();

    private GgufHeader(Path path, MemorySegment file) throws IOException {
        this.path = path;
        this.cursor = new GgufCursor(path, file);
        this.version = readVersion();
        long tensorCount = cursor.count("tensors", LEAST_TENSOR);
        long valueCount = cursor.count("values", LEAST_VALUE);
        for (long i = 0; i < valueCount; i++) {
            readValue();
        }
        checkSplit();
        long alignment = alignment();
        for (long i = 0; i < tensorCount; i++) {
            readTensor(alignment);
        }
        place(Math.ceilDiv(cursor.at(), alignment) * alignment, file.byteSize());
    }

    /// @param file the whole file
    /// @throws IOException where the file is cut, its header lies, or it has something that is not read
    public static GgufHeader read(Path path, MemorySegment file) throws IOException {
        return new GgufHeader(path, file);
    }

    private int readVersion() throws IOException {
        if (cursor.int32("the first word") != MAGIC) {
            throw new IOException("[%s] is not a GGUF file: it does not begin with 'GGUF'".formatted(path));
        }
        int found = cursor.int32("the version");
        if (found != 2 && found != 3) {
            throw new IOException("[%s] is GGUF version %s, expected 2 or 3.%s".formatted(path,
                    Integer.toUnsignedString(found), Integer.reverseBytes(found) <= 3 && found != 1 && found != 0
                            ? " Maybe it was made for a big-endian machine"
                            : " Maybe it is very old or damaged: convert the model again"));
        }
        return found;
    }

    private void readValue() throws IOException {
        var key = cursor.string("a key");
        if (values.put(key, cursor.value(key)) != null) {
            throw new IOException("[%s] has the key '%s' twice".formatted(path, key));
        }
    }

    private void checkSplit() throws IOException {
        if (values.get("split.count") instanceof Number parts && parts.longValue() > 1) {
            throw new IOException(
                    "[%s] is one of %d parts of a split model, which are not read. Join them first with llama-gguf-split --merge"
                            .formatted(path, parts.longValue()));
        }
    }

    private long alignment() throws IOException {
        var given = values.getOrDefault("general.alignment", ALIGNMENT);
        if (given instanceof Long bytes && Long.bitCount(bytes) == 1 && bytes <= MOST_ALIGNMENT) {
            return bytes;
        }
        throw new IOException("[%s] 'general.alignment' is %s, expected a power of two up to %d".formatted(path, given,
                MOST_ALIGNMENT));
    }

    private void readTensor(long alignment) throws IOException {
        var name = cursor.string("a tensor's name");
        var shape = shape(name);
        int code = cursor.int32(name);
        var type = GgufType.ofCode(code)
                .orElseThrow(() -> new IOException("[%s] tensor '%s' has the type %s, which is not read. Known: %s"
                        .formatted(path, name, GgufType.nameOf(code), Arrays.toString(GgufType.values()))));
        long offset = cursor.int64(name);
        if (offset < 0 || offset % alignment != 0) {
            throw new IOException("[%s] tensor '%s' begins at byte %s of the data, expected a multiple of %d"
                    .formatted(path, name, Long.toUnsignedString(offset), alignment));
        }
        if (tensors.put(name, new GgufTensor(name, type, shape, offset, bytes(name, type, shape))) != null) {
            throw new IOException("[%s] has the tensor '%s' twice".formatted(path, name));
        }
    }

    private List<Long> shape(String name) throws IOException {
        int sizes = cursor.int32(name);
        if (sizes < 0 || sizes > MOST_SIZES) {
            throw new IOException("[%s] tensor '%s' has %s dimensions, expected at most %d".formatted(path, name,
                    Integer.toUnsignedString(sizes), MOST_SIZES));
        }
        var shape = new ArrayList<Long>();
        for (int i = 0; i < sizes; i++) {
            shape.addFirst(cursor.int64(name));
            if (shape.getFirst() < 1) {
                throw new IOException("[%s] tensor '%s' has the impossible size %s".formatted(path, name,
                        Long.toUnsignedString(shape.getFirst())));
            }
        }
        return shape;
    }

    private long bytes(String name, GgufType type, List<Long> shape) throws IOException {
        if (!shape.isEmpty() && shape.getLast() % type.elements() != 0 || shape.isEmpty() && type.elements() > 1) {
            throw new IOException("[%s] tensor '%s' has rows of shape %s, but %s comes in blocks of %d".formatted(path,
                    name, shape, type, type.elements()));
        }
        try {
            return type.bytesOf(shape.stream().reduce(1L, Math::multiplyExact));
        } catch (ArithmeticException e) {
            throw new IOException("[%s] tensor '%s' has the impossible shape %s".formatted(path, name, shape), e);
        }
    }

    /// From places in the data to places in the file. Sorted by place, each tensor begins where the one before ended, or later.
    private void place(long start, long fileBytes) throws IOException {
        long end = 0;
        for (var tensor : tensors.values().stream().sorted(Comparator.comparingLong(GgufTensor::offset)).toList()) {
            if (tensor.offset() < end) {
                throw new IOException("[%s] tensor '%s' begins at byte %d of the data, inside another that ends at %d"
                        .formatted(path, tensor.name(), tensor.offset(), end));
            }
            if (start > fileBytes || tensor.bytes() > fileBytes - start
                    || tensor.offset() > fileBytes - start - tensor.bytes()) {
                throw new IOException(
                        "[%s] tensor '%s' has %d bytes from byte %d of the data, but there are %d. Maybe the file was cut"
                                .formatted(path, tensor.name(), tensor.bytes(), tensor.offset(), fileBytes - start));
            }
            end = tensor.offset() + tensor.bytes();
        }
        tensors.replaceAll(
                (name, t) -> new GgufTensor(name, t.type(), t.shape(), start + t.offset(), t.bytes()));
    }

    /// 2 or 3.
    public int version() {
        return version;
    }

    /// What the file says beside its tensors, by key: strings, numbers, truth values and lists of these.
    public SequencedMap<String, Object> values() {
        return Collections.unmodifiableSequencedMap(values);
    }

    /// The tensors by their names in the file, in its order.
    public SequencedMap<String, GgufTensor> tensors() {
        return Collections.unmodifiableSequencedMap(tensors);
    }
}
