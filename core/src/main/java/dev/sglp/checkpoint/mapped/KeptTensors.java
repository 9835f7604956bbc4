package dev.sglp.checkpoint.mapped;

import dev.sglp.output.OutputException;
import dev.sglp.output.Reason;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.file.TensorFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/// What is changed of layers that are not in memory. It owns the tensors; close it.
public final class KeptTensors implements AutoCloseable {
    private static final String ADVICE = "Make room there, or name another folder: SGLP_JAVA_OPTS=-Djava.io.tmpdir=FOLDER";

    private final TensorFile file = new TensorFile();
    private final List<Tensor> views = new ArrayList<>();

    /// Looks whether so many bytes more have room in the temporary folder.
    ///
    /// @return what the user is told
    /// @throws UncheckedIOException of an {@link OutputException} where they have not
    public String reserve(long bytes) {
        long free = TensorFile.FOLDER.toFile().getUsableSpace();
        if (free < bytes) {
            throw new UncheckedIOException(new OutputException(
                    "[%s] has %,d bytes left, and up to %,d are needed for what is changed of the layers and does not stay in memory. %s"
                            .formatted(TensorFile.FOLDER, free, bytes, ADVICE),
                    null));
        }
        return "What is changed of the layers waits in %s: up to %,d bytes.".formatted(TensorFile.FOLDER, bytes);
    }

    /// @throws UncheckedIOException of an {@link OutputException} where the temporary folder takes no more
    public synchronized Tensor keep(Tensor tensor) {
        try {
            views.add(file.keep(tensor));
            return views.getLast();
        } catch (IOException e) {
            throw new UncheckedIOException(
                    new OutputException("[%s] takes no more of what is changed of the layers: %s. %s"
                            .formatted(TensorFile.FOLDER, Reason.of(e), ADVICE), e));
        }
    }

    /// Pages that were touched are given back.
    public void unload() {
        file.unload();
    }

    @Override
    public synchronized void close() {
        views.forEach(Scope::free);
        views.clear();
        try {
            file.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
