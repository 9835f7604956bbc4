package dev.sglp.checkpoint.mapped;

import dev.sglp.output.OutputException;
import dev.sglp.output.Reason;
import dev.sglp.tensor.DType;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Tensors;
import java.io.IOException;
import java.io.UncheckedIOException;

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

/// Float32 tensors in a temporary file, read where they are mapped. The file has no name once it is open: nothing of it is left, however
/// the program ends. It owns the views; close it.
public final class TensorFile implements AutoCloseable {
    private static final long CHUNK = 1 << 24;

    private final Arena mapped = Arena.ofShared();
    private final List<MemorySegment> pages = new ArrayList<>();
    private final List<Tensor> views = new ArrayList<>();
    private @Nullable FileChannel file;

    /// @throws OutputException where the temporary folder takes no more
    public synchronized Tensor keep(Tensor tensor) {
        try (var copy = Arena.ofConfined()) {
            var bytes = Tensors.bytes(tensor, DType.F32, copy);
            var channel = file();
            long at = channel.size();
            for (long from = 0; from < bytes.byteSize(); from += CHUNK) {
                for (var left = bytes.asSlice(from, Math.min(CHUNK, bytes.byteSize() - from)).asByteBuffer(); left
                        .hasRemaining();) {
                    channel.write(left, at + from + left.position());
                }
            }
            var view = channel.map(MapMode.READ_ONLY, at, bytes.byteSize(), mapped);
            pages.add(view);
            views.add(Scope.yieldOwned(() -> Tensors.over(view, DType.F32, Tensors.shape(tensor))));
            return views.getLast();
        } catch (IOException e) {
            throw new UncheckedIOException(new OutputException(
                    "[%s] takes no more of the layers that a repair has changed: %s. Make room there, or name another folder in SGLP_JAVA_OPTS=-Djava.io.tmpdir=…"
                            .formatted(System.getProperty("java.io.tmpdir"), Reason.of(e)),
                    e));
        }
    }

    /// Pages that were touched are given back.
    public synchronized void unload() {
        pages.forEach(MemorySegment::unload);
    }

    private FileChannel file() throws IOException {
        if (file == null) {
            Path named = Files.createTempFile("sglp-", ".layers");
            file = FileChannel.open(named, StandardOpenOption.READ, StandardOpenOption.WRITE,
                    StandardOpenOption.DELETE_ON_CLOSE);
        }
        return file;
    }

    @Override
    public synchronized void close() {
        views.forEach(Scope::free);
        views.clear();
        pages.clear();
        mapped.close();
        try (var _ = file) {
            file = null;
        } catch (IOException _) {
            // it has no name: the system removes it
        }
    }
}
