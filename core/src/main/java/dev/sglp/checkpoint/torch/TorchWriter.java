package dev.sglp.checkpoint.torch;

import dev.sglp.checkpoint.TensorInfo;
import dev.sglp.checkpoint.TorchPickle;
import dev.sglp.checkpoint.torch.StateDictPickle.Item;
import dev.sglp.output.AtomicFile;
import dev.sglp.zip.ZipWriter;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.function.Function;

/// Writes a plain state dict in PyTorch's zip format, which `torch.load(weights_only=True)` opens: one tensor at a time, each a
/// stored entry that begins at a multiple of 64 bytes. It compares what it wrote before the file gets its name.
public final class TorchWriter {
    private static final String PREFIX = "archive/";

    private TorchWriter() {}

    /// @param tensors in the order of the dictionary
    /// @param bytes   a tensor's contiguous little-endian bytes; asked twice, to write and to compare
    /// @throws IOException where the file cannot be written, or reads back differently; the old file is untouched
    public static void write(Path target, List<TensorInfo> tensors, Function<String, MemorySegment> bytes)
            throws IOException {
        var names = new HashSet<String>();
        for (var tensor : tensors) {
            if (!names.add(tensor.name())) {
                throw new IllegalArgumentException("tensor '%s' is to be written twice".formatted(tensor.name()));
            }
        }
        AtomicFile.write(target, channel -> {
            var zip = new ZipWriter(buffer -> AtomicFile.writeFully(channel, buffer));
            zip.add(PREFIX + "data.pkl", StateDictPickle
                    .of(tensors.stream().map(t -> new Item(t.name(), t.dtype(), t.shape())).toList()));
            zip.add(PREFIX + "byteorder", "little".getBytes(StandardCharsets.US_ASCII));
            for (int i = 0; i < tensors.size(); i++) {
                zip.add(PREFIX + "data/" + i, checked(tensors.get(i), bytes));
            }
            zip.add(PREFIX + "version", "3\n".getBytes(StandardCharsets.US_ASCII));
            zip.finish();
        }, written -> compare(target, written, tensors, bytes));
    }

    private static MemorySegment checked(TensorInfo tensor, Function<String, MemorySegment> bytes) {
        var segment = bytes.apply(tensor.name());
        if (segment.byteSize() != tensor.bytes()) {
            throw new IllegalArgumentException("tensor '%s' has %d bytes, expected %d for shape %s"
                    .formatted(tensor.name(), segment.byteSize(), tensor.bytes(), tensor.shape()));
        }
        return segment;
    }

    private static void compare(Path target, Path written, List<TensorInfo> tensors,
            Function<String, MemorySegment> bytes) throws IOException {
        try (var back = TorchPickle.open(written)) {
            for (var tensor : tensors) {
                if (!tensor.equals(back.tensors().get(tensor.name()))
                        || back.read(tensor.name()).mismatch(bytes.apply(tensor.name())) != -1) {
                    throw new IOException(
                            "[%s] tensor '%s' reads back differently from what was written. Maybe the disk is failing; nothing was changed"
                                    .formatted(target, tensor.name()));
                }
            }
        }
    }
}
