package dev.sglp.checkpoint;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sglp.output.AtomicFile;
import dev.sglp.output.FlushAhead;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.zip.CRC32C;

/// Writes safetensors files, one tensor at a time, and compares what it wrote before the file gets its name.
public final class SafeTensorsWriter {
    private static final int ALIGNMENT = 8;
    private static final long CHUNK = 1 << 26; // bytes handed to the system at a time

    private SafeTensorsWriter() {}

    /// @param tensors  in the order of the file
    /// @param metadata strings for the header
    /// @param bytes    a tensor's contiguous little-endian bytes; asked twice, to write and to compare
    /// @throws IOException where the file cannot be written, or reads back differently; the old file is untouched
    public static void write(Path target, List<TensorInfo> tensors, Map<String, String> metadata,
            Function<String, MemorySegment> bytes) throws IOException {
        var header = header(tensors, metadata);
        AtomicFile.write(target, channel -> {
            begin(channel, header);
            for (var tensor : tensors) {
                copy(channel, tensor, bytes.apply(tensor.name()));
            }
        }, written -> compare(target, written, tensors, bytes));
    }

    /// Gives the bytes of tensors in pieces.
    @FunctionalInterface
    public interface Source {
        void stream(String name, Checkpoint.Chunks to) throws IOException;
    }

    /// As {@link #write}, without a whole tensor in memory: each is asked for once, and its checksum (CRC-32C) compared with that
    /// of what was written.
    ///
    /// @throws IOException where the file cannot be written, or reads back differently; the old file is untouched
    public static void stream(Path target, List<TensorInfo> tensors, Map<String, String> metadata, Source source)
            throws IOException {
        var header = header(tensors, metadata);
        var sums = new HashMap<String, Long>();
        AtomicFile.write(target, channel -> {
            begin(channel, header);
            try (var flush = new FlushAhead(channel)) {
                for (var tensor : tensors) {
                    sums.put(tensor.name(), copy(channel, tensor, source, flush));
                }
            }
        }, written -> compareSums(target, written, tensors, sums));
    }

    private static void begin(FileChannel channel, byte[] header) throws IOException {
        var length = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(0, header.length);
        AtomicFile.writeFully(channel, length);
        AtomicFile.writeFully(channel, ByteBuffer.wrap(header));
    }

    private static long copy(FileChannel channel, TensorInfo tensor, Source source, FlushAhead flush)
            throws IOException {
        var sum = new CRC32C();
        long before = channel.position();
        source.stream(tensor.name(), chunk -> {
            sum.update(chunk.duplicate());
            long bytes = chunk.remaining();
            AtomicFile.writeFully(channel, chunk);
            flush.wrote(bytes);
        });
        checkSize(tensor, channel.position() - before);
        return sum.getValue();
    }

    private static void compareSums(Path target, Path written, List<TensorInfo> tensors, Map<String, Long> sums)
            throws IOException {
        try (var back = SafeTensors.open(written)) {
            for (var tensor : tensors) {
                var sum = new CRC32C();
                back.stream(tensor.name(), sum::update);
                if (!tensor.equals(back.tensors().get(tensor.name())) || sum.getValue() != sums.get(tensor.name())) {
                    throw differs(target, tensor);
                }
            }
        }
    }

    private static IOException differs(Path target, TensorInfo tensor) {
        return new IOException(
                "[%s] tensor '%s' reads back differently from what was written. Maybe the disk is failing; nothing was changed"
                        .formatted(target, tensor.name()));
    }

    private static byte[] header(List<TensorInfo> tensors, Map<String, String> metadata) throws IOException {
        var root = new LinkedHashMap<String, Object>();
        if (!metadata.isEmpty()) {
            root.put("__metadata__", metadata);
        }
        long at = 0;
        for (var tensor : tensors) {
            var entry = new LinkedHashMap<String, Object>();
            entry.put("dtype", tensor.dtype().code());
            entry.put("shape", tensor.shape());
            entry.put("data_offsets", List.of(at, at + tensor.bytes()));
            if (root.put(tensor.name(), entry) != null) {
                throw new IllegalArgumentException("tensor '%s' is to be written twice".formatted(tensor.name()));
            }
            at += tensor.bytes();
        }
        var json = new ObjectMapper().writeValueAsBytes(root);
        var padded = Arrays.copyOf(json, Math.ceilDiv(json.length, ALIGNMENT) * ALIGNMENT);
        Arrays.fill(padded, json.length, padded.length, (byte) ' ');
        return padded;
    }

    private static void copy(FileChannel channel, TensorInfo tensor, MemorySegment bytes) throws IOException {
        checkSize(tensor, bytes.byteSize());
        for (long at = 0; at < bytes.byteSize(); at += CHUNK) {
            AtomicFile.writeFully(channel, bytes.asSlice(at, Math.min(CHUNK, bytes.byteSize() - at)).asByteBuffer());
        }
    }

    private static void checkSize(TensorInfo tensor, long bytes) {
        if (bytes != tensor.bytes()) {
            throw new IllegalArgumentException("tensor '%s' has %d bytes, expected %d for shape %s"
                    .formatted(tensor.name(), bytes, tensor.bytes(), tensor.shape()));
        }
    }

    private static void compare(Path target, Path written, List<TensorInfo> tensors,
            Function<String, MemorySegment> bytes) throws IOException {
        try (var back = SafeTensors.open(written)) {
            for (var tensor : tensors) {
                if (!tensor.equals(back.tensors().get(tensor.name()))
                        || back.read(tensor.name()).mismatch(bytes.apply(tensor.name())) != -1) {
                    throw differs(target, tensor);
                }
            }
        }
    }
}
