package dev.sglp.checkpoint.torch;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Map;

/// What a PyTorch file holds, read but not interpreted.
///
/// @param format   `PyTorch (zip)` or `PyTorch (legacy)`
/// @param root     the object that was saved
/// @param storages the bytes of each storage the object names, checked to be as many as it says
public record TorchFile(String format, Object root, Map<String, MemorySegment> storages) {
    private static final byte PICKLE = (byte) 0x80; // of protocol 2 or later

    public TorchFile {
        storages = Map.copyOf(storages);
    }

    /// @param bytes the whole file
    /// @throws IOException where it is damaged, or holds more than tensors and plain values
    public static TorchFile read(Path file, MemorySegment bytes) throws IOException {
        boolean zip = bytes.byteSize() > 1 && bytes.get(ValueLayout.JAVA_BYTE, 0) == 'P'
                && bytes.get(ValueLayout.JAVA_BYTE, 1) == 'K';
        if (!zip && bytes.get(ValueLayout.JAVA_BYTE, 0) != PICKLE) {
            throw new IOException("[%s] is not a PyTorch file: it begins with bytes %s, expected a zip or a pickle"
                    .formatted(file, HexFormat.ofDelimiter(" ").formatHex(
                            bytes.asSlice(0, Math.min(8, bytes.byteSize())).toArray(ValueLayout.JAVA_BYTE))));
        }
        return zip ? TorchZip.read(file, bytes) : TorchLegacy.read(file, bytes);
    }

    /// Whether the tensor's bytes can be used where they lie: in order and aligned.
    public boolean usableInPlace(TorchTensor tensor) {
        return tensor.usableIn(storageOf(tensor));
    }

    /// The tensor's bytes where they lie; only where {@link #usableInPlace}.
    public MemorySegment view(TorchTensor tensor) {
        return tensor.view(storageOf(tensor));
    }

    /// Copies the tensor in row-major order to a segment of its size.
    public void copy(TorchTensor tensor, MemorySegment to) {
        tensor.copy(storageOf(tensor), to);
    }

    private MemorySegment storageOf(TorchTensor tensor) {
        var bytes = storages.get(tensor.storage().key());
        if (bytes == null) {
            throw new IllegalArgumentException("storage '%s' is of another file".formatted(tensor.storage().key()));
        }
        return bytes;
    }
}
