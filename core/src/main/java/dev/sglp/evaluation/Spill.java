package dev.sglp.evaluation;

import dev.sglp.tensor.Scope;
import dev.sglp.tensor.file.TensorFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.bytedeco.pytorch.Tensor;

/// Keeps float32 tensors for later: as many as fit in memory, the others in a temporary file.
final class Spill implements AutoCloseable {
    private static final long IN_MEMORY = 1L << 28; // bytes

    private final long most;
    private final TensorFile file = new TensorFile();
    private long kept;

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
    private Tensor spilled(Tensor tensor) {
        try {
            return file.keep(tensor);
        } catch (IOException e) {
            return Scope.own(tensor);
        }
    }

    @Override
    public void close() {
        try {
            file.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
