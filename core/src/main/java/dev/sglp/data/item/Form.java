package dev.sglp.data.item;

import dev.sglp.tensor.DType;
import java.util.List;
import java.util.stream.Collectors;

/// What every example of a set is like.
///
/// @param shape of one: `[3, height, width]` of a picture, `[channels, length]` of a signal
/// @param dtype of its values: bytes of the full range, or float32 as the network takes them
public record Form(List<Long> shape, DType dtype) {
    public Form {
        shape = List.copyOf(shape);
    }

    /// Bytes of one.
    public long bytes() {
        return shape.stream().reduce(1L, Math::multiplyExact) * dtype.bytes();
    }

    /// What people call its size: of a picture width × height.
    public String words() {
        return words(shape);
    }

    /// The same of a shape.
    public static String words(List<Long> shape) {
        return shape.size() == 3
                ? "%d×%d pixels".formatted(shape.get(2), shape.get(1))
                : shape.stream().map(String::valueOf).collect(Collectors.joining("×")) + " values";
    }

    /// An example of these values.
    public Item item(byte[] values) {
        return shape.size() == 3
                ? new Rgb(shape.get(1).intValue(), shape.get(2).intValue(), dtype, values)
                : new Signal(shape.get(0).intValue(), shape.get(1).intValue(), values);
    }
}
