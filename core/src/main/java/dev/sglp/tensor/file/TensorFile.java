package dev.sglp.tensor.file;

import dev.sglp.tensor.DType;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Tensors;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/// Float32 tensors in a temporary file, read where they are mapped: the system keeps in memory what it has room for.
public final class TensorFile implements AutoCloseable {
    private final Arena mapped = Arena.ofShared();
    private final List<MemorySegment> pages = new ArrayList<>();
    private @Nullable FileChannel file;

    /// A view of the tensor's copy in the file: the caller's own, to be freed before this is closed.
    public synchronized Tensor keep(Tensor tensor) throws IOException {
        try (var _ = Scope.open()) {
            var channel = file();
            long at = channel.size();
            TemporaryFile.write(channel, at, tensor, DType.F32);
            var view = channel.map(MapMode.READ_ONLY, at, tensor.numel() * Float.BYTES, mapped);
            pages.add(view);
            return Scope.yieldOwned(() -> Tensors.over(view, DType.F32, Tensors.shape(tensor)));
        }
    }

    /// Pages that were touched are given back.
    public synchronized void unload() {
        pages.forEach(MemorySegment::unload);
    }

    private FileChannel file() throws IOException {
        if (file == null) {
            file = TemporaryFile.open();
        }
        return file;
    }

    @Override
    public synchronized void close() throws IOException {
        pages.clear();
        mapped.close();
        try (var _ = file) {
            file = null;
        }
    }
}
