package dev.sglp.tensor.file;

import dev.sglp.tensor.DType;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Tensors;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/// Float32 tensors in a temporary file, read where they are mapped: the system keeps in memory what it has room for. The file has no name once
/// it is open: nothing of it is left, however the program ends.
public final class TensorFile implements AutoCloseable {
    /// Where it lies.
    public static final Path FOLDER = Path.of(System.getProperty("java.io.tmpdir"));
    private static final long PIECE = 1 << 20; // numbers that are written at a time

    private final Arena mapped = Arena.ofShared();
    private final List<MemorySegment> pages = new ArrayList<>();
    private @Nullable FileChannel file;

    /// A view of the tensor's copy in the file: the caller's own, to be freed before this is closed.
    public synchronized Tensor keep(Tensor tensor) throws IOException {
        try (var _ = Scope.open()) {
            var flat = tensor.detach().contiguous().view(-1);
            var channel = file();
            long at = channel.size();
            for (long from = 0; from < flat.numel(); from += PIECE) {
                write(channel, at + from * Float.BYTES, flat.narrow(0, from, Math.min(PIECE, flat.numel() - from)));
            }
            var view = channel.map(MapMode.READ_ONLY, at, flat.numel() * Float.BYTES, mapped);
            pages.add(view);
            return Scope.yieldOwned(() -> Tensors.over(view, DType.F32, Tensors.shape(tensor)));
        }
    }

    private static void write(FileChannel channel, long at, Tensor piece) throws IOException {
        try (var copy = Arena.ofConfined()) {
            for (var left = Tensors.bytes(piece, DType.F32, copy).asByteBuffer(); left.hasRemaining();) {
                channel.write(left, at + left.position());
            }
        }
    }

    /// Pages that were touched are given back.
    public synchronized void unload() {
        pages.forEach(MemorySegment::unload);
    }

    private FileChannel file() throws IOException {
        if (file == null) {
            Path named = Files.createTempFile(FOLDER, "sglp-", ".tensors");
            file = FileChannel.open(named, StandardOpenOption.READ, StandardOpenOption.WRITE,
                    StandardOpenOption.DELETE_ON_CLOSE);
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
