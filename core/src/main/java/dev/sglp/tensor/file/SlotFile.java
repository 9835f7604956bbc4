package dev.sglp.tensor.file;

import dev.sglp.tensor.DType;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Tensors;
import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/// Tensors that come and go in a temporary file: the place of one that is no longer needed is used again by the next of its size. Several
/// threads may write and read at the same time.
public final class SlotFile implements AutoCloseable {
    private static final int PIECE = 1 << 24; // bytes that are read at a time

    private final Map<Long, ArrayDeque<Long>> free = new HashMap<>(); // places by their size
    private @Nullable FileChannel file;
    private long end;

    /// Where a tensor lies.
    ///
    /// @param at    bytes from the beginning of the file
    /// @param bytes its size
    public record Slot(long at, long bytes, DType dtype, List<Long> shape) {
        public Slot {
            shape = List.copyOf(shape);
        }
    }

    /// Copies the tensor into the file.
    public Slot write(Tensor tensor) throws IOException {
        var dtype = Tensors.dtype(tensor).orElseThrow();
        var slot = new Slot(place(tensor.nbytes()), tensor.nbytes(), dtype, Tensors.shape(tensor));
        try (var _ = Scope.open()) {
            TemporaryFile.write(file(), slot.at, tensor, dtype);
            return slot;
        } catch (IOException | RuntimeException | Error e) {
            free(slot);
            throw e;
        }
    }

    private synchronized long place(long bytes) {
        var places = free.get(bytes);
        if (places != null && !places.isEmpty()) {
            return places.pop();
        }
        end += bytes;
        return end - bytes;
    }

    /// A copy of what lies there, in the scope that is open.
    public Tensor read(Slot slot) throws IOException {
        try (var memory = Arena.ofShared()) {
            var bytes = memory.allocate(slot.bytes, 64);
            read(bytes, slot.at);
            return Scope.yield(() -> Tensors.over(bytes, slot.dtype, slot.shape).clone());
        }
    }

    private void read(MemorySegment bytes, long at) throws IOException {
        for (long from = 0; from < bytes.byteSize(); from += PIECE) {
            var piece = bytes.asSlice(from, Math.min(PIECE, bytes.byteSize() - from)).asByteBuffer();
            while (piece.hasRemaining()) {
                if (file().read(piece, at + from + piece.position()) < 0) {
                    throw new EOFException("the temporary file ends before what was written to it");
                }
            }
        }
    }

    /// Nobody reads it any more.
    public synchronized void free(Slot slot) {
        free.computeIfAbsent(slot.bytes, _ -> new ArrayDeque<>()).push(slot.at);
    }

    /// Bytes of places of this size that nobody uses any more.
    public synchronized long idle(long bytes) {
        var places = free.get(bytes);
        return places == null ? 0 : bytes * places.size();
    }

    /// The length that the file has had.
    public synchronized long bytes() {
        return end;
    }

    private synchronized FileChannel file() throws IOException {
        if (file == null) {
            file = TemporaryFile.open();
        }
        return file;
    }

    @Override
    public synchronized void close() throws IOException {
        try (var _ = file) {
            file = null;
        }
    }
}
