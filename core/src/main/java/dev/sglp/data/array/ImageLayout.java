package dev.sglp.data.array;

import dev.sglp.data.item.Rgb;
import dev.sglp.preparation.Extent.Size;
import java.io.IOException;
import java.util.List;

/// Where in an array the images are: `[N, H, W]`, `[N, H, W, C]` or `[N, C, H, W]`, C 1 or 3, in either order of memory.
///
/// @param strides elements from one image, channel, row and pixel to the next
record ImageLayout(long count, int channels, int height, int width, Strides strides) implements Elements {
    private static final long MOST_PIXELS = 100_000_000;

    record Strides(long image, long channel, long row, long pixel) {}

    /// @throws IOException where the array's shape is none of images
    static ImageLayout of(String where, NpyHeader header) throws IOException {
        if (!header.descr().equals(NpyArray.BYTES) && !NpyArray.floating(header)) {
            throw new IOException(
                    "[%s] has type %s; images are uint8, or float32 (float16, float64) as the network takes them, little-endian"
                            .formatted(where, header.descr()));
        }
        var shape = header.shape();
        var s = header.strides();
        ImageLayout layout;
        if (shape.size() == 3) {
            layout = sized(shape, List.of(-1, 1, 2), new Strides(s[0], 0, s[1], s[2]));
        } else if (shape.size() == 4 && colours(shape.get(3)) && !colours(shape.get(1))) {
            layout = sized(shape, List.of(3, 1, 2), new Strides(s[0], s[3], s[1], s[2]));
        } else if (shape.size() == 4 && colours(shape.get(1)) && !colours(shape.get(3))) {
            layout = sized(shape, List.of(1, 2, 3), new Strides(s[0], s[1], s[2], s[3]));
        } else {
            throw unknown(where, shape);
        }
        if (layout.count < 1 || layout.count > Integer.MAX_VALUE || (long) layout.height * layout.width < 1
                || (long) layout.height * layout.width > MOST_PIXELS) {
            throw unknown(where, shape);
        }
        return layout;
    }

    private static IOException unknown(String where, List<Long> shape) {
        return new IOException(
                "[%s] has shape %s; images are [N, H, W], [N, H, W, C] or [N, C, H, W] with 1 or 3 channels and one image or more"
                        .formatted(where, shape));
    }

    private static boolean colours(long size) {
        return size == 1 || size == 3;
    }

    /// @param dimensions which of the shape are channels (-1: none), rows and columns
    private static ImageLayout sized(List<Long> shape, List<Integer> dimensions, Strides strides) {
        int channels = dimensions.get(0) < 0 ? 1 : shape.get(dimensions.get(0)).intValue();
        return new ImageLayout(shape.getFirst(), channels, Math.clamp(shape.get(dimensions.get(1)), 0, 1 << 30),
                Math.clamp(shape.get(dimensions.get(2)), 0, 1 << 30), strides);
    }

    /// One image; a grey one is repeated for red, green and blue.
    @Override
    public Rgb item(NpyArray array, long item) throws IOException {
        return NpyArray.floating(array.header()) ? floats(array, item) : bytes(array, item);
    }

    @Override
    public boolean isOf(Size size) {
        return size.equals(new Size(height, width));
    }

    private Rgb bytes(NpyArray array, long item) {
        var rgb = Rgb.empty(height, width);
        int at = 0;
        for (int c = 0; c < 3; c++) {
            for (int y = 0; y < height; y++) {
                long from = start(item, c, y);
                for (int x = 0; x < width; x++) {
                    rgb.planes()[at++] = array.data().get(java.lang.foreign.ValueLayout.JAVA_BYTE,
                            from + x * strides.pixel);
                }
            }
        }
        return rgb;
    }

    private Rgb floats(NpyArray array, long item) throws IOException {
        var values = new float[3 * height * width];
        var get = array.floats();
        int at = 0;
        for (int c = 0; c < 3; c++) {
            for (int y = 0; y < height; y++) {
                long from = start(item, c, y);
                for (int x = 0; x < width; x++) {
                    float value = get.get(array.data(), from + x * strides.pixel);
                    if (!Float.isFinite(value)) {
                        throw new IOException("[%s] image %d holds %s at row %d, column %d; expected finite numbers"
                                .formatted(array.where(), item, value, y, x));
                    }
                    values[at++] = value;
                }
            }
        }
        return Rgb.floats(height, width, values);
    }

    private long start(long item, int channel, int row) {
        return item * strides.image + Math.min(channel, channels - 1) * strides.channel + row * strides.row;
    }
}
