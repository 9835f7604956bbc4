package dev.sglp.data.item;

import dev.sglp.preparation.Extent.Size;
import dev.sglp.preparation.Interpolation;

/// Resizing as Pillow 13 does it, to the last bit: a filter as wide as the reduction, along rows, then along columns, in fixed-point
/// numbers with rounding to bytes between. Only what is kept of the result is computed.
///
/// @param image the picture of bytes
/// @param size  what the whole would become
record Resampling(Rgb image, Size size, Interpolation interpolation) {
    private static final int PRECISION = 22;

    /// The part `[top, top + height) × [left, left + width)` of the resized picture, which lies within it.
    Rgb part(int top, int left, Size part) {
        if (image.height() == size.height() && image.width() == size.width()) {
            return cut(image, top, left, part);
        }
        var down = taps(image.height(), size.height(), top, part.height());
        var across = taps(image.width(), size.width(), left, part.width());
        if (columnsFirst()) {
            return rows(columns(image, 0, down), 0, part.height(), across);
        }
        int first = down[0].first;
        return columns(rows(image, first, down[down.length - 1].end() - first, across), first, down);
    }

    /// Where that leaves less to do by much (before version 13 only by very much).
    private boolean columnsFirst() {
        int fewer = image.height() - size.height();
        return fewer > 0
                && (fewer > 2 * (image.width() - size.width()) || image.height() > 100 * image.width());
    }

    private static Rgb cut(Rgb image, int top, int left, Size part) {
        if (image.height() == part.height() && image.width() == part.width()) {
            return image;
        }
        var result = Rgb.empty(part.height(), part.width());
        for (int row = 0; row < 3 * part.height(); row++) {
            int y = row / part.height() * image.height() + top + row % part.height();
            System.arraycopy(image.planes(), y * image.width() + left, result.planes(), row * part.width(),
                    part.width());
        }
        return result;
    }

    /// What a pixel of the result is made of along an axis.
    ///
    /// @param first   pixel before
    /// @param weights of it and those that follow, in units of 2⁻²²
    private record Taps(int first, int[] weights) {
        int end() {
            return first + weights.length;
        }
    }

    /// @param from pixels along the axis before
    /// @param to   pixels along the axis after
    /// @param at   the first that is kept
    private Taps[] taps(int from, int to, int at, int count) {
        var taps = new Taps[count];
        for (int i = 0; i < count; i++) {
            taps[i] = from == to ? new Taps(at + i, new int[]{1 << PRECISION}) : taps(from, to, at + i);
        }
        return taps;
    }

    private Taps taps(int from, int to, int at) {
        double scale = (double) from / to;
        double reduction = Math.max(scale, 1);
        double reach = (interpolation == Interpolation.BILINEAR ? 1 : 2) * reduction;
        double centre = (at + 0.5) * scale;
        double unit = 1 / reduction;
        int first = Math.max(0, (int) (centre - reach + 0.5));
        double[] exact = new double[Math.min(from, (int) (centre + reach + 0.5)) - first];
        double sum = 0;
        for (int i = 0; i < exact.length; i++) {
            exact[i] = weight((i + first - centre + 0.5) * unit);
            sum += exact[i];
        }
        int[] fixed = new int[exact.length];
        for (int i = 0; i < exact.length; i++) {
            double w = exact[i] / sum;
            fixed[i] = (int) ((w < 0 ? -0.5 : 0.5) + w * (1 << PRECISION));
        }
        return new Taps(first, fixed);
    }

    private double weight(double distance) {
        double x = Math.abs(distance);
        return switch (interpolation) {
            case BILINEAR -> Math.max(0, 1 - x);
            case BICUBIC -> x < 1 ? (1.5 * x - 2.5) * x * x + 1 : x < 2 ? (((x - 5) * x + 8) * x - 4) * -0.5 : 0;
        };
    }

    /// Some rows of a picture, narrower: `[3, rows, taps.length]`.
    private static Rgb rows(Rgb image, int first, int rows, Taps[] taps) {
        byte[] in = image.planes();
        var narrow = Rgb.empty(rows, taps.length);
        byte[] out = narrow.planes();
        for (int row = 0; row < 3 * rows; row++) {
            int source = (row / rows * image.height() + first + row % rows) * image.width();
            for (int x = 0; x < taps.length; x++) {
                int sum = 1 << PRECISION - 1;
                int[] weights = taps[x].weights;
                int from = source + taps[x].first;
                for (int i = 0; i < weights.length; i++) {
                    sum += (in[from + i] & 0xFF) * weights[i];
                }
                out[row * taps.length + x] = rounded(sum);
            }
        }
        return narrow;
    }

    /// Fewer rows: `[3, taps.length, width]`.
    ///
    /// @param first row of the whole that the first one of this picture is
    private static Rgb columns(Rgb image, int first, Taps[] taps) {
        byte[] in = image.planes();
        int width = image.width();
        var result = Rgb.empty(taps.length, width);
        int[] sums = new int[width];
        for (int row = 0; row < 3 * taps.length; row++) {
            var tap = taps[row % taps.length];
            java.util.Arrays.fill(sums, 1 << PRECISION - 1);
            int source = (row / taps.length * image.height() + tap.first - first) * width;
            for (int weight : tap.weights) {
                for (int x = 0; x < width; x++) {
                    sums[x] += (in[source + x] & 0xFF) * weight;
                }
                source += width;
            }
            for (int x = 0; x < width; x++) {
                result.planes()[row * width + x] = rounded(sums[x]);
            }
        }
        return result;
    }

    private static byte rounded(int sum) {
        return (byte) Math.clamp(sum >> PRECISION, 0, 255);
    }
}
