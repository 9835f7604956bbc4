package dev.sglp.evaluation;

import dev.sglp.tensor.DType;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Tensors;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/// Keeps float32 tensors for later: as many as fit in memory, the others in a temporary file, of which the system keeps in memory
/// what it has room for. The file has no name once it is open: nothing of it is left, however the program ends.
final class Spill implements AutoCloseable {
    private static final long IN_MEMORY = 1L << 28; // bytes

    private final long most;
    private final Arena mapped = Arena.ofShared();
    private long kept;
    private @Nullable FileChannel file;

    Spill() {
        this(IN_MEMORY);
    }

    /// @param most bytes in memory
    Spill(long most) {
        this.most = most;
    }

    /// The tensor, or a view of its copy in the file. Whoever asked frees it, before this is closed.
    Tensor keep(Tensor tensor) {
        return fits(tensor.nbytes()) ? Scope.own(tensor) : spilled(tensor);
    }

    private synchronized boolean fits(long bytes) {
        if (kept + bytes > most) {
            return false;
        }
        kept += bytes;
        return true;
    }

    /// Where the temporary folder takes no more, memory has to.
    private synchronized Tensor spilled(Tensor tensor) {
        try (var copy = Arena.ofConfined()) {
            var bytes = Tensors.bytes(tensor, DType.F32, copy);
            var channel = file();
            long at = channel.size();
            for (var left = bytes.asByteBuffer(); left.hasRemaining();) {
                channel.write(left, at + left.position());
            }
            var view = channel.map(MapMode.READ_ONLY, at, bytes.byteSize(), mapped);
            return Scope.yieldOwned(() -> Tensors.over(view, DType.F32, Tensors.shape(tensor)));
        } catch (IOException e) {
            return Scope.own(tensor);
        }
    }

    private FileChannel file() throws IOException {
        if (file == null) {
            Path named = Files.createTempFile("sglp-", ".spill");
            file = FileChannel.open(named, StandardOpenOption.READ, StandardOpenOption.WRITE,
                    StandardOpenOption.DELETE_ON_CLOSE);
        }
        return file;
    }

    @Override
    public void close() {
        mapped.close();
        try (var _ = file) {
            file = null;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
