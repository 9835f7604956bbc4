package dev.sglp.family;

import dev.sglp.checkpoint.Checkpoint;
import dev.sglp.checkpoint.Checkpoints;
import dev.sglp.checkpoint.Weights;
import java.io.IOException;
import java.nio.file.Path;

/// A checkpoint whose architecture is known from its header: no weights are read and libtorch is not loaded. It owns the
/// open checkpoint.
///
/// @param checkpoint   the open file
/// @param architecture what it holds
public record ModelFile(Checkpoint checkpoint, Architecture architecture) implements AutoCloseable {
    /// @throws IOException where the file cannot be read or no family knows it
    public static ModelFile open(Path path) throws IOException {
        var checkpoint = Checkpoints.open(path);
        try {
            return new ModelFile(checkpoint, Families.of(checkpoint, checkpoint.config()));
        } catch (IOException | RuntimeException e) {
            checkpoint.close();
            throw e;
        }
    }

    /// Reads the weights; the caller closes them.
    ///
    /// @throws IOException where the file contradicts its header, or a weight is not a finite number
    public Weights load() throws IOException {
        return Weights.load(checkpoint);
    }

    @Override
    public void close() {
        checkpoint.close();
    }
}
