package dev.sglp.data.image;

import dev.sglp.data.item.Rgb;

/// Resizing as PIL and torchvision do it, to the last bit: a triangle filter as wide as the reduction, rows first, then
/// columns, in fixed-point numbers with rounding to bytes between.
final class Resizing {
    private static final int PRECISION = 22;

    private Resizing() {}

    /// The image with its shorter side `size` pixels, cut from the centre to `size` × `size`.
    static Rgb squared(Rgb image, int size) {
        int shorter = Math.min(image.height(), image.width());
        int height = (int) ((long) size * image.height() / shorter);
        int width = (int) ((long) size * image.width() / shorter);
        return cropped(resized(image, height, width), size);
    }

    private static Rgb resized(Rgb image, int height, int width) {
        if (image.height() == height && image.width() == width) {
            return image;
        }
        var narrow = Rgb.empty(image.height(), width);
        along(image.planes(), narrow.planes(), new Lines(3 * image.height(), image.width(), width, 1));
        var result = Rgb.empty(height, width);
        along(narrow.planes(), result.planes(), new Lines(3, image.height(), height, width));
        return result;
    }

    /// @param blocks how often the pattern repeats
    /// @param from   pixels along the axis before
    /// @param to     pixels along the axis after
    /// @param step   distance of neighbours along the axis, and how many lines lie side by side
    private record Lines(int blocks, int from, int to, int step) {}

    private static void along(byte[] in, byte[] out, Lines lines) {
        double scale = (double) lines.from() / lines.to();
        double reach = Math.max(scale, 1);
        for (int o = 0; o < lines.to(); o++) {
            double centre = (o + 0.5) * scale;
            int first = Math.max(0, (int) (centre - reach + 0.5));
            int[] weights = weights(first, Math.min(lines.from(), (int) (centre + reach + 0.5)), centre, reach);
            for (int block = 0; block < lines.blocks(); block++) {
                int source = (block * lines.from() + first) * lines.step();
                int target = (block * lines.to() + o) * lines.step();
                for (int line = 0; line < lines.step(); line++) {
                    out[target + line] = weighted(in, source + line, lines.step(), weights);
                }
            }
        }
    }

    private static int[] weights(int first, int last, double centre, double reach) {
        double[] exact = new double[last - first];
        double sum = 0;
        for (int i = 0; i < exact.length; i++) {
            exact[i] = Math.max(0, 1 - Math.abs((i + first - centre + 0.5) / reach));
            sum += exact[i];
        }
        int[] fixed = new int[exact.length];
        for (int i = 0; i < exact.length; i++) {
            fixed[i] = (int) (0.5 + exact[i] / sum * (1 << PRECISION));
        }
        return fixed;
    }

    private static byte weighted(byte[] in, int at, int step, int[] weights) {
        int sum = 1 << PRECISION - 1;
        for (int i = 0; i < weights.length; i++) {
            sum += (in[at + i * step] & 0xFF) * weights[i];
        }
        return (byte) Math.clamp(sum >> PRECISION, 0, 255);
    }

    private static Rgb cropped(Rgb image, int size) {
        if (image.height() == size && image.width() == size) {
            return image;
        }
        int top = (int) Math.rint((image.height() - size) / 2.0);
        int left = (int) Math.rint((image.width() - size) / 2.0);
        var result = Rgb.empty(size, size);
        for (int row = 0; row < 3 * size; row++) {
            int y = row / size * image.height() + top + row % size;
            System.arraycopy(image.planes(), y * image.width() + left, result.planes(), row * size, size);
        }
        return result;
    }
}
