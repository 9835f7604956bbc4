package dev.sglp.surgery;

import dev.sglp.checkpoint.Checkpoint;
import dev.sglp.checkpoint.TensorInfo;
import dev.sglp.checkpoint.Weights;
import dev.sglp.tensor.Tensors;
import java.io.IOException;
import java.lang.foreign.Arena;

/// A tensor on its way to a file.
///
/// @param info  its name, type and shape there
/// @param bytes gives its bytes; asked once
public record OutgoingTensor(TensorInfo info, Bytes bytes) {
    /// Gives the bytes of one tensor in pieces: contiguous, row-major, little-endian.
    @FunctionalInterface
    public interface Bytes {
        void stream(Checkpoint.Chunks to) throws IOException;
    }

    /// A tensor of a checkpoint under another name, byte for byte.
    ///
    /// @throws IllegalArgumentException where the checkpoint has no such tensor
    public static OutgoingTensor of(Checkpoint from, String name, String renamed) {
        var info = from.tensors().get(name);
        if (info == null) {
            throw new IllegalArgumentException("[%s] has no tensor '%s'".formatted(from.path(), name));
        }
        return new OutgoingTensor(info.renamed(renamed), to -> from.stream(name, to));
    }

    /// A tensor in memory, for instance after healing.
    ///
    /// @param name its name in the weights
    /// @param as   its name and type in the file
    public static OutgoingTensor of(Weights weights, String name, TensorInfo as) {
        return new OutgoingTensor(as, to -> {
            try (var arena = Arena.ofShared()) {
                var bytes = Tensors.bytes(weights.get(name), as.dtype(), arena);
                for (long at = 0; at < bytes.byteSize(); at += Checkpoint.CHUNK) {
                    to.accept(bytes.asSlice(at, Math.min(Checkpoint.CHUNK, bytes.byteSize() - at)).asByteBuffer());
                }
            }
        });
    }
}
