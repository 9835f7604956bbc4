package dev.sglp.data.item;

import dev.sglp.tensor.DType;
import java.util.List;

/// One decoded picture.
///
/// @param dtype  of its values: bytes of the full range, or float32 as the network takes them
/// @param planes `3 · height · width` values: the red plane, then green, then blue, each row by row
public record Rgb(int height, int width, DType dtype, byte[] planes) implements Item {
    public Rgb {
        if (planes.length != 3L * height * width * dtype.bytes()) {
            throw new IllegalArgumentException(
                    "%d bytes for an image of %d×%d".formatted(planes.length, width, height));
        }
    }

    /// Of bytes.
    public Rgb(int height, int width, byte[] planes) {
        this(height, width, DType.U8, planes);
    }

    /// A black picture of bytes to be filled.
    public static Rgb empty(int height, int width) {
        return new Rgb(height, width, new byte[Math.multiplyExact(3, Math.multiplyExact(height, width))]);
    }

    /// Of numbers that are not to be normalised.
    ///
    /// @param values the planes
    public static Rgb floats(int height, int width, float[] values) {
        return new Rgb(height, width, DType.F32, Item.bytes(values));
    }

    @Override
    public Form form() {
        return new Form(List.of(3L, (long) height, (long) width), dtype);
    }

    @Override
    public byte[] values() {
        return planes;
    }
}
