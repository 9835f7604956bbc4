package dev.sglp.family;

import dev.sglp.checkpoint.Checkpoint;
import dev.sglp.checkpoint.Checkpoints;
import dev.sglp.checkpoint.Weights;
import dev.sglp.model.LayerSet;
import dev.sglp.tensor.DType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Set;

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

    /// The weights in float32, to compute with: they may be views of the file, which may be closed before them. The caller closes
    /// them.
    ///
    /// @throws IOException where the file contradicts its header or its configuration, or a weight is not a finite number
    public Weights forReading() throws IOException {
        architecture.check(checkpoint);
        return Weights.forReading(checkpoint, DType.F32, needed());
    }

    /// A copy of the weights in float32, which may be changed. The caller closes it.
    ///
    /// @throws IOException as {@link #forReading}
    public Weights forTraining() throws IOException {
        architecture.check(checkpoint);
        return Weights.forTraining(checkpoint, needed());
    }

    /// What the file holds twice is not read.
    private Set<String> needed() {
        return architecture.renamed(LayerSet.EMPTY).keySet();
    }

    /// What tells this network from every other: a hash of its weights, and its configuration. What is kept to go on from, or
    /// to be taken again, belongs to it.
    public String identity() throws IOException {
        return "weights %s; config %s".formatted(Checkpoints.sha256(checkpoint), checkpoint.config());
    }

    @Override
    public void close() {
        checkpoint.close();
    }
}
