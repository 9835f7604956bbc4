package dev.sglp.surgery;

import dev.sglp.checkpoint.Checkpoint;
import dev.sglp.checkpoint.TensorInfo;
import dev.sglp.checkpoint.Weights;
import dev.sglp.tensor.Conversion;
import dev.sglp.tensor.DType;
import dev.sglp.tensor.Tensors;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;

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
    public static OutgoingTensor of(Checkpoint from, String name, String renamed) {
        return of(from, name, renamed, info(from, name).dtype());
    }

    /// A tensor of a checkpoint under another name, byte for byte or converted piece by piece.
    ///
    /// @param as its element type in the file
    /// @throws IllegalArgumentException where the checkpoint has no such tensor
    public static OutgoingTensor of(Checkpoint from, String name, String renamed, DType as) {
        var info = info(from, name);
        var written = info.renamed(renamed).as(as);
        return new OutgoingTensor(written, to -> {
            if (as == info.dtype()) {
                from.stream(name, to);
            } else {
                stream(from, name, new Conversion(info.dtype(), as), to);
            }
        });
    }

    private static TensorInfo info(Checkpoint from, String name) {
        var info = from.tensors().get(name);
        if (info == null) {
            throw new IllegalArgumentException("[%s] has no tensor '%s'".formatted(from.path(), name));
        }
        return info;
    }

    private static void stream(Checkpoint from, String name, Conversion conversion, Checkpoint.Chunks to)
            throws IOException {
        var converted = ByteBuffer.allocateDirect(conversion.bytes(Checkpoint.CHUNK));
        from.stream(name, piece -> {
            conversion.convert(piece, converted.clear());
            to.accept(converted.flip());
        });
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
