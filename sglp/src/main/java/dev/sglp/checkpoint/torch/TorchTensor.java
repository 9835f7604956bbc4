package dev.sglp.checkpoint.torch;

import dev.sglp.tensor.DType;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A tensor of a PyTorch file: a strided view on a storage.
///
/// @param offset  first element, in elements
/// @param strides steps between neighbours of each dimension, in elements
public record TorchTensor(Storage storage, long offset, List<Long> shape, List<Long> strides) {
    private static final int MOST_EXPANSION = 16; // a broadcast view may not blow up to more than this many files
    private static final long SMALL = 1 << 20;

    /// @param key      the storage's name in the file
    /// @param elements how many it says it has
    public record Storage(DType dtype, String key, long elements) {}

    public TorchTensor {
        shape = List.copyOf(shape);
        strides = List.copyOf(strides);
    }

    private long elements() {
        return shape.stream().reduce(1L, Math::multiplyExact);
    }

    /// Every element lies in its storage, and the whole tensor is of a sane size.
    void check(String file, String name, Map<String, MemorySegment> storages, long fileBytes) throws IOException {
        var bytes = storages.get(storage.key());
        String trouble = trouble(bytes, fileBytes);
        if (trouble != null) {
            throw new IOException("[%s] tensor '%s' (shape %s, strides %s, offset %d): %s. Maybe the file was cut"
                    .formatted(file, name, shape, strides, offset, trouble));
        }
    }

    private @Nullable String trouble(@Nullable MemorySegment bytes, long fileBytes) {
        if (bytes == null) {
            return "its storage '" + storage.key() + "' is not in the file";
        }
        if (shape.size() != strides.size() || offset < 0 || shape.stream().anyMatch(s -> s < 0)
                || strides.stream().anyMatch(s -> s < 0)) {
            return "sizes, strides and offset must be non-negative and match";
        }
        try {
            long last = offset;
            for (int d = 0; d < shape.size(); d++) {
                last = Math.addExact(last, Math.multiplyExact(strides.get(d), Math.max(0, shape.get(d) - 1)));
            }
            long size = Math.multiplyExact(elements(), storage.dtype().bytes());
            if (size > 0 && Math.multiplyExact(Math.addExact(last, 1), storage.dtype().bytes()) > bytes.byteSize()) {
                return "it leaves its storage of %d bytes".formatted(bytes.byteSize());
            }
            return size > SMALL + MOST_EXPANSION * fileBytes
                    ? "it would need %d bytes, far more than the file has".formatted(size)
                    : null;
        } catch (ArithmeticException e) {
            return "its size overflows";
        }
    }

    /// Row-major bytes: a slice where the view is contiguous and aligned, else a copy in `arena`.
    MemorySegment bytes(MemorySegment file, Arena arena) {
        int width = storage.dtype().bytes();
        long size = elements() * width;
        if (size == 0) {
            return MemorySegment.NULL;
        }
        if (contiguous()) {
            var view = file.asSlice(offset * width, size);
            return view.address() % width == 0 ? view : arena.allocate(size, width).copyFrom(view);
        }
        var copy = arena.allocate(size, width);
        gather(file, copy);
        return copy;
    }

    private boolean contiguous() {
        long expected = 1;
        for (int d = shape.size() - 1; d >= 0; d--) {
            if (shape.get(d) != 1 && strides.get(d) != expected) {
                return false;
            }
            expected *= shape.get(d);
        }
        return true;
    }

    /// Goes through all indices like an odometer.
    private void gather(MemorySegment from, MemorySegment to) {
        int width = storage.dtype().bytes();
        var index = new long[shape.size()];
        long at = offset;
        for (long out = 0; out < to.byteSize(); out += width) {
            MemorySegment.copy(from, at * width, to, out, width);
            for (int d = index.length - 1; d >= 0; d--) {
                at += strides.get(d);
                if (++index[d] < shape.get(d)) {
                    break;
                }
                at -= strides.get(d) * shape.get(d);
                index[d] = 0;
            }
        }
    }
}
