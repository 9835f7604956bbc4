package dev.sglp.checkpoint;

import dev.sglp.tensor.DType;
import java.util.List;

/// What a checkpoint's header says of one tensor.
///
/// @param name  the tensor's name in the file, for instance `layer1.0.conv1.weight`
/// @param dtype its element type
/// @param shape its sizes, outermost first; empty for a scalar
public record TensorInfo(String name, DType dtype, List<Long> shape) {
    public TensorInfo {
        shape = List.copyOf(shape);
        for (long size : shape) {
            if (size < 0) {
                throw new IllegalArgumentException(
                        "tensor '%s' has a negative size in its shape %s".formatted(name, shape));
            }
        }
    }

    /// Number of elements.
    ///
    /// @throws ArithmeticException where it overflows 63 bits
    public long elements() {
        return shape.stream().reduce(1L, Math::multiplyExact);
    }

    /// Number of bytes of the contiguous tensor.
    ///
    /// @throws ArithmeticException where it overflows 63 bits
    public long bytes() {
        return Math.multiplyExact(elements(), dtype.bytes());
    }

    public TensorInfo renamed(String to) {
        return new TensorInfo(to, dtype, shape);
    }

    /// The same in another element type.
    public TensorInfo as(DType other) {
        return new TensorInfo(name, other, shape);
    }
}
