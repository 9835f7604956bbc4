package dev.sglp.evaluation;

import dev.sglp.model.LayeredModel;
import dev.sglp.model.wave.LayerSource;
import dev.sglp.output.OutputException;
import dev.sglp.output.Reason;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.file.TemporaryFile;
import dev.sglp.tensor.file.TensorFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.bytedeco.pytorch.Tensor;

/// Keeps float32 tensors for later: as many as fit in memory, the others in a temporary file.
final class Spill implements AutoCloseable {
    private static final long IN_MEMORY = 1L << 28; // bytes
    private static final int SHARE = 4;

    private final long most;
    private final TensorFile file = new TensorFile();
    private long kept;

    Spill() {
        this(IN_MEMORY);
    }

    /// Of a network that is read layer by layer a share of the memory that its activations may take.
    static Spill beside(LayeredModel model) {
        return new Spill(LayerSource.of(model).map(source -> Math.min(IN_MEMORY, source.room() / SHARE))
                .orElse(IN_MEMORY));
    }

    /// @param most bytes in memory
    Spill(long most) {
        this.most = most;
    }

    /// The tensor, or a view of its copy in the file. Whoever asked frees it, before this is closed.
    ///
    /// @throws UncheckedIOException of an {@link OutputException} where the temporary folder takes no more
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

    private Tensor spilled(Tensor tensor) {
        try {
            return file.keep(tensor);
        } catch (IOException e) {
            throw new UncheckedIOException(new OutputException(
                    "[%s] takes no more of the answers that wait to be compared: %s. %s"
                            .formatted(TemporaryFile.FOLDER, Reason.of(e), TemporaryFile.ADVICE),
                    e));
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
