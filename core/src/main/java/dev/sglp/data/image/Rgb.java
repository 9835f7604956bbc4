package dev.sglp.data.image;

/// One decoded image.
///
/// @param planes `3 · height · width` bytes: the red plane, then green, then blue, each row by row
public record Rgb(int height, int width, byte[] planes) {
    public Rgb {
        if (planes.length != 3L * height * width) {
            throw new IllegalArgumentException(
                    "%d bytes for an image of %d×%d".formatted(planes.length, width, height));
        }
    }

    /// A black image to be filled.
    public static Rgb empty(int height, int width) {
        return new Rgb(height, width, new byte[Math.multiplyExact(3, Math.multiplyExact(height, width))]);
    }

    /// What people call its size: width × height.
    public String size() {
        return width + "×" + height;
    }
}
