package dev.sglp.family.transformer;

import dev.sglp.checkpoint.Checkpoint;
import dev.sglp.checkpoint.Weights;
import dev.sglp.checkpoint.mapped.MappedFile;
import dev.sglp.tensor.DType;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.util.Set;
import org.bytedeco.pytorch.global.torch;

/// Two tensors of a file that should be one.
public record Tied(Checkpoint checkpoint, String embedding, String output) {
    /// @throws IOException where the output matrix is not the embedding, or one of them is not finite
    public void check() throws IOException {
        if (sameBytes()) {
            return;
        }
        try (var both = Weights.forReading(checkpoint, DType.F32, Set.of(embedding, output))) {
            if (!torch.equal(both.get(embedding), both.get(output))) {
                throw new IOException(
                        "[%s] its config.json says tie_word_embeddings, but '%s' is not the same as '%s'. Maybe it should be false"
                                .formatted(checkpoint.path(), output, embedding));
            }
        }
    }

    private boolean sameBytes() throws IOException {
        var tensors = checkpoint.tensors();
        if (tensors.get(embedding).dtype() != tensors.get(output).dtype()) {
            return false;
        }
        try (var copies = Arena.ofShared()) {
            return MappedFile.guarded(checkpoint.file(embedding), () -> checkpoint.read(embedding, copies)
                    .mismatch(checkpoint.read(output, copies)) < 0);
        } finally {
            checkpoint.unload();
        }
    }
}
