package dev.sglp.checkpoint;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Map;
import java.util.SequencedMap;

/// An open file of named tensors. It owns the mapping: segments from {@link #read} are valid until {@link #close}.
public sealed interface Checkpoint extends AutoCloseable permits SafeTensors, TorchPickle {
    /// The file it was opened from.
    Path path();

    /// What people call the format, for instance `safetensors` or `PyTorch (zip)`.
    String format();

    /// Every tensor, in the order of the file.
    SequencedMap<String, TensorInfo> tensors();

    /// Strings beside the tensors (safetensors `__metadata__`; scalars such as `best_prec1` of a PyTorch file).
    Map<String, String> metadata();

    /// The bytes of a tensor: contiguous in row-major order, little-endian, aligned to its element. A read-only view of the
    /// mapping where the file allows it, else a copy: whoever wants to change them copies first.
    ///
    /// @throws IOException              where the file contradicts its header
    /// @throws IllegalArgumentException where there is no such tensor
    MemorySegment read(String name) throws IOException;

    @Override
    void close();
}
