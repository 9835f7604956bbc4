package dev.sglp.data.image;

import dev.sglp.tensor.DType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// One decoded image.
///
/// @param dtype  of its values: bytes of the full range, or float32 as the network takes them
/// @param planes `3 · height · width` values: the red plane, then green, then blue, each row by row
public record Rgb(int height, int width, DType dtype, byte[] planes) {
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

    /// A black image of bytes to be filled.
    public static Rgb empty(int height, int width) {
        return new Rgb(height, width, new byte[Math.multiplyExact(3, Math.multiplyExact(height, width))]);
    }

    /// Of numbers that are not to be normalised.
    ///
    /// @param values the planes
    public static Rgb floats(int height, int width, float[] values) {
        var bytes = ByteBuffer.allocate(Math.multiplyExact(4, values.length)).order(ByteOrder.nativeOrder());
        bytes.asFloatBuffer().put(values);
        return new Rgb(height, width, DType.F32, bytes.array());
    }

    /// What people call its size: width × height.
    public String size() {
        return width + "×" + height;
    }
}
