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
    private static final Path FOLDER = Path.of(System.getProperty("java.io.tmpdir"));
    private static final long PIECE = 1 << 20; // numbers that are written at a time

    private final Arena mapped = Arena.ofShared();
    private final List<MemorySegment> pages = new ArrayList<>();
    private final List<Tensor> views = new ArrayList<>();
    private @Nullable FileChannel file;

    /// Looks whether so many bytes more have room in the temporary folder.
    ///
    /// @return what the user is told
    /// @throws UncheckedIOException of an {@link OutputException} where they have not
    public String reserve(long bytes) {
        long free = FOLDER.toFile().getUsableSpace();
        if (free < bytes) {
            throw new UncheckedIOException(new OutputException(
                    "[%s] has %,d bytes left, and up to %,d are needed for what is changed of the layers and does not stay in memory. Make room there, or name another folder: SGLP_JAVA_OPTS=-Djava.io.tmpdir=FOLDER"
                            .formatted(FOLDER, free, bytes),
                    null));
        }
        return "What is changed of the layers waits in %s: up to %,d bytes.".formatted(FOLDER, bytes);
    }

    /// @throws UncheckedIOException of an {@link OutputException} where the temporary folder takes no more
    public synchronized Tensor keep(Tensor tensor) {
        try (var _ = Scope.open()) {
            var flat = tensor.detach().contiguous().view(-1);
            var channel = file();
            long at = channel.size();
            for (long from = 0; from < flat.numel(); from += PIECE) {
                write(channel, at + from * Float.BYTES, flat.narrow(0, from, Math.min(PIECE, flat.numel() - from)));
            }
            var view = channel.map(MapMode.READ_ONLY, at, flat.numel() * Float.BYTES, mapped);
            pages.add(view);
            views.add(Scope.yieldOwned(() -> Tensors.over(view, DType.F32, Tensors.shape(tensor))));
            return views.getLast();
        } catch (IOException e) {
            throw new UncheckedIOException(new OutputException(
                    "[%s] takes no more of what is changed of the layers: %s. Make room there, or name another folder: SGLP_JAVA_OPTS=-Djava.io.tmpdir=FOLDER"
                            .formatted(FOLDER, Reason.of(e)),
                    e));
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
            Path named = Files.createTempFile(FOLDER, "sglp-", ".layers");
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
