package dev.sglp.checkpoint.mapped;

import static dev.sglp.tensor.file.TemporaryFile.ADVICE;
import static dev.sglp.tensor.file.TemporaryFile.ELSEWHERE;
import static dev.sglp.tensor.file.TemporaryFile.FOLDER;

import dev.sglp.output.OutputException;
import dev.sglp.output.Reason;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.file.SlotFile;
import dev.sglp.tensor.file.SlotFile.Slot;
import dev.sglp.tensor.file.TensorFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/// What does not stay in memory of a network that is larger: tensors that were changed, and those that wait until they are needed. They lie
/// in the temporary folder. It owns the former; close it.
public final class KeptTensors implements AutoCloseable {
    private final TensorFile file = new TensorFile();
    private final SlotFile slots = new SlotFile();
    private final List<Tensor> views = new ArrayList<>();

    /// Bytes that the temporary folder takes of tensors that are set: places of this size that are free again are used first.
    ///
    /// @param each bytes of a tensor; 0 for what is kept
    public long room(long each) {
        return FOLDER.toFile().getUsableSpace() + slots.idle(each);
    }

    /// Whether the temporary folder is on a disk, and not itself in memory.
    public boolean onDisk() {
        return !FileSystems.memory(FOLDER);
    }

    /// Looks whether so many bytes more have room in the temporary folder.
    ///
    /// @param what they are, for instance `what is changed of the layers`
    /// @param each as {@link #room}
    /// @return what the user is told
    /// @throws UncheckedIOException of an {@link OutputException} where they have not
    public String reserve(String what, long bytes, long each) {
        long free = room(each);
        if (free < bytes) {
            throw new UncheckedIOException(new OutputException(
                    "[%s] has %,d bytes left, and up to %,d are needed for %s: memory does not hold them. %s"
                            .formatted(FOLDER, free, bytes, what, ADVICE),
                    null));
        }
        return "Up to %,d bytes wait in %s: %s.%s".formatted(bytes, FOLDER, what, FileSystems.memory(FOLDER)
                ? " That folder is itself in memory, which --memory does not count: name another, " + ELSEWHERE
                : "");
    }

    /// @throws UncheckedIOException of an {@link OutputException} where the temporary folder takes no more
    public synchronized Tensor keep(Tensor tensor) {
        try {
            views.add(file.keep(tensor));
            return views.getLast();
        } catch (IOException e) {
            throw full(e);
        }
    }

    private static UncheckedIOException full(IOException e) {
        return new UncheckedIOException(
                new OutputException("[%s] takes no more of what memory does not hold: %s. %s".formatted(FOLDER,
                        Reason.of(e), ADVICE), e));
    }

    /// Copies a tensor to where it waits.
    ///
    /// @throws UncheckedIOException as {@link #keep}
    public Slot set(Tensor tensor) {
        try {
            return slots.write(tensor);
        } catch (IOException e) {
            throw full(e);
        }
    }

    /// A copy of what waits, in the scope that is open.
    public Tensor read(Slot slot) {
        try {
            return slots.read(slot);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// It waits no longer.
    public void free(Slot slot) {
        slots.free(slot);
    }

    /// Pages that were touched are given back.
    public void unload() {
        file.unload();
    }

    @Override
    public synchronized void close() {
        views.forEach(Scope::free);
        views.clear();
        try (slots; file) {
            return;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
