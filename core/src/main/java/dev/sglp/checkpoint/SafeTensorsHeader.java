package dev.sglp.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.sglp.output.JsonDamage;
import dev.sglp.tensor.DType;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/// The checked header of a safetensors file: every range lies in the file, fits its shape, and touches its neighbours.
final class SafeTensorsHeader {
    private static final long MOST_BYTES = 100_000_000; // as the reference implementation
    private static final JsonMapper JSON = JsonMapper
            .builder(com.fasterxml.jackson.core.JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(16).build()).build())
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private final Path path;
    private final long start;
    private final SequencedMap<String, TensorInfo> tensors = new LinkedHashMap<>();
    private final Map<String, Long> begins = new LinkedHashMap<>();
    private final Map<String, String> metadata = new LinkedHashMap<>();

    private SafeTensorsHeader(Path path, long start) {
        this.path = path;
        this.start = start;
    }

    static SafeTensorsHeader read(Path path, FileChannel channel, long size) throws IOException {
        if (size < 10) {
            throw new IOException("[%s] has %d bytes, a safetensors file has at least 10. Maybe the download was cut"
                    .formatted(path, size));
        }
        long length = bytes(path, channel, 0, 8).getLong();
        if (length < 2 || length > MOST_BYTES || length > size - 8) {
            throw new IOException(
                    "[%s] says its header has %s bytes, but the file has %d (and a header at most %d). Maybe it is not a safetensors file, or was cut"
                            .formatted(path, Long.toUnsignedString(length), size, MOST_BYTES));
        }
        var header = new SafeTensorsHeader(path, 8 + length);
        header.parse(bytes(path, channel, 8, (int) length).array());
        header.checkRanges(size - header.start);
        return header;
    }

    private static ByteBuffer bytes(Path path, FileChannel channel, long at, int count) throws IOException {
        var buffer = ByteBuffer.allocate(count).order(ByteOrder.LITTLE_ENDIAN);
        while (buffer.hasRemaining()) {
            if (channel.read(buffer, at + buffer.position()) < 0) {
                throw new IOException(
                        "[%s] ends at byte %d, inside its header".formatted(path, at + buffer.position()));
            }
        }
        return buffer.flip();
    }

    private void parse(byte[] json) throws IOException {
        JsonNode root;
        try {
            root = JSON.readTree(utf8(json));
        } catch (JsonProcessingException e) {
            throw new IOException("[%s] the header is not JSON: %s".formatted(path, JsonDamage.of(e)), e);
        } catch (CharacterCodingException e) {
            throw new IOException("[%s] the header is not UTF-8. Maybe it is damaged".formatted(path), e);
        }
        if (root == null || !root.isObject()) {
            throw new IOException("[%s] the header is not a JSON object".formatted(path));
        }
        for (var entry : root.properties()) {
            if (entry.getKey().equals("__metadata__")) {
                entry.getValue().properties().forEach(e -> metadata.put(e.getKey(), e.getValue().asText()));
            } else {
                tensor(entry.getKey(), entry.getValue());
            }
        }
    }

    /// Strict, unlike the parser, which would guess UTF-16 and UTF-32 too.
    private static Reader utf8(byte[] json) {
        return new InputStreamReader(new ByteArrayInputStream(json), StandardCharsets.UTF_8.newDecoder());
    }

    private void tensor(String name, JsonNode node) throws IOException {
        var dtype = DType.ofCode(node.path("dtype").asText())
                .orElseThrow(() -> new IOException("[%s] tensor '%s' has dtype %s, which is not read. Known: %s"
                        .formatted(path, name, node.path("dtype"), List.of(DType.values()))));
        var shape = numbers(name, node.path("shape"));
        var range = numbers(name, node.path("data_offsets"));
        try {
            var info = new TensorInfo(name, dtype, shape);
            if (range.size() != 2 || range.getFirst() < 0 || range.getLast() < range.getFirst()
                    || range.getLast() - range.getFirst() != info.bytes()) {
                throw new IOException(
                        "[%s] tensor '%s' of shape %s and type %s has %d bytes, but its data_offsets are %s"
                                .formatted(path, name, shape, dtype, info.bytes(), range));
            }
            tensors.put(name, info);
            begins.put(name, range.getFirst());
        } catch (ArithmeticException | IllegalArgumentException e) {
            throw new IOException("[%s] tensor '%s' has the impossible shape %s".formatted(path, name, shape), e);
        }
    }

    private List<Long> numbers(String name, JsonNode array) throws IOException {
        var numbers = new ArrayList<Long>();
        for (var number : array) {
            if (!number.isIntegralNumber() || !number.canConvertToLong()) {
                throw new IOException("[%s] tensor '%s': expected whole numbers, got %s".formatted(path, name, number));
            }
            numbers.add(number.longValue());
        }
        if (!array.isArray() || numbers.size() > 64) {
            throw new IOException("[%s] tensor '%s': 'shape' and 'data_offsets' must be short lists of numbers, got %s"
                    .formatted(path, name, array.isArray() ? numbers.size() + " of them" : array));
        }
        return numbers;
    }

    /// Sorted by place, each tensor begins where the one before ended, and the last ends with the file.
    private void checkRanges(long dataBytes) throws IOException {
        long end = 0;
        for (var info : tensors.values().stream().sorted(
                Comparator.comparingLong((TensorInfo t) -> begins.get(t.name())).thenComparingLong(TensorInfo::bytes))
                .toList()) {
            if (begins.get(info.name()) != end) {
                throw new IOException(
                        "[%s] tensor '%s' begins at byte %d of the data, expected %d: tensors overlap or leave a hole"
                                .formatted(path, info.name(), begins.get(info.name()), end));
            }
            end += info.bytes();
            if (end > dataBytes) {
                throw new IOException(
                        "[%s] tensor '%s' ends at byte %d of the data, but there are %d. Maybe the file was cut"
                                .formatted(path, info.name(), end, dataBytes));
            }
        }
        if (end != dataBytes) {
            throw new IOException(
                    "[%s] has %d bytes of data, its header accounts for %d".formatted(path, dataBytes, end));
        }
    }

    /// Where the data begin in the file.
    long start() {
        return start;
    }

    /// Where a tensor begins in the data.
    long begin(String name) {
        return begins.get(name);
    }

    SequencedMap<String, TensorInfo> tensors() {
        return Collections.unmodifiableSequencedMap(tensors);
    }

    Map<String, String> metadata() {
        return Collections.unmodifiableMap(metadata);
    }
}
