package dev.sglp.checkpoint.gguf;

import java.util.List;

/// What a GGUF header says of one tensor.
///
/// @param name   the tensor's name in the file, for instance `blk.0.attn_q.weight`
/// @param type   its element type
/// @param shape  its sizes, outermost first (the file has them innermost first)
/// @param offset where it begins in the file
/// @param bytes  how many bytes it takes there
public record GgufTensor(String name, GgufType type, List<Long> shape, long offset, long bytes) {
    public GgufTensor {
        shape = List.copyOf(shape);
    }

    /// Elements of one row, which lie beside each other.
    public long rowElements() {
        return shape.isEmpty() ? 1 : shape.getLast();
    }

    /// Number of elements.
    public long elements() {
        return bytes / type.bytes() * type.elements();
    }
}
