package dev.sglp.data.picture;

import dev.sglp.data.item.Rgb;
import dev.sglp.data.picture.JpegHeader.Component;
import java.awt.image.Raster;

/// The samples of a JPEG's components to red, green and blue where the JDK does it otherwise than Pillow, which uses
/// libjpeg-turbo: four colours, and colours that are halved from top to bottom only (4:4:0, as a photo has that was turned
/// without loss).
final class JpegSamples {
    private final JpegHeader header;
    private final int width;
    private final int height;
    private final byte[][] planes;

    /// @param raster as the JDK reads it: not converted, halved components repeated to full size
    private JpegSamples(JpegHeader header, Raster raster) {
        this.header = header;
        width = raster.getWidth();
        height = raster.getHeight();
        planes = new byte[raster.getNumBands()][width * height];
        int[] row = new int[width];
        for (int band = 0; band < planes.length; band++) {
            for (int y = 0; y < height; y++) {
                raster.getSamples(0, y, width, 1, band, row);
                for (int x = 0; x < width; x++) {
                    planes[band][y * width + x] = (byte) row[x];
                }
            }
        }
    }

    /// Whether the JDK's own colours are not those of Pillow.
    static boolean differ(JpegHeader header) {
        return switch (header.colours()) {
            case CMYK, YCCK -> true;
            case GREY, YCC, RGB, UNKNOWN -> header.components().stream().anyMatch(c -> lowered(c, header));
        };
    }

    private static boolean lowered(Component component, JpegHeader header) {
        int horizontal = header.components().stream().mapToInt(Component::horizontal).max().orElse(1);
        int vertical = header.components().stream().mapToInt(Component::vertical).max().orElse(1);
        return component.horizontal() == horizontal && 2 * component.vertical() == vertical;
    }

    static Rgb rgb(JpegHeader header, Raster raster) {
        var samples = new JpegSamples(header, raster);
        for (int i = 0; i < samples.planes.length; i++) {
            if (lowered(header.components().get(i), header)) {
                samples.planes[i] = samples.smoothed(samples.planes[i]);
            }
        }
        return samples.rgb();
    }

    /// `h1v2_fancy_upsample` of libjpeg-turbo: three parts of the nearer row and one of the next.
    private byte[] smoothed(byte[] repeated) {
        byte[] smooth = new byte[repeated.length];
        int last = (height - 1) / 2;
        for (int y = 0; y < height; y++) {
            int near = 2 * (y / 2) * width;
            int next = 2 * Math.clamp(y / 2 + (y % 2 == 0 ? -1 : 1), 0, last) * width;
            int bias = 1 + y % 2;
            for (int x = 0; x < width; x++) {
                int sum = 3 * (repeated[near + x] & 0xFF) + (repeated[next + x] & 0xFF);
                smooth[y * width + x] = (byte) (sum + bias >> 2);
            }
        }
        return smooth;
    }

    private Rgb rgb() {
        var rgb = Rgb.empty(height, width);
        int[] colour = new int[planes.length];
        for (int i = 0; i < width * height; i++) {
            for (int band = 0; band < colour.length; band++) {
                colour[band] = planes[band][i] & 0xFF;
            }
            switch (header.colours()) {
                case YCC -> toRgb(colour);
                case CMYK -> mix(colour);
                case YCCK -> {
                    toRgb(colour);
                    for (int band = 0; band < 3; band++) {
                        colour[band] = 255 - colour[band];
                    }
                    mix(colour);
                }
                case GREY, RGB, UNKNOWN -> {
                    // as they are
                }
            }
            for (int band = 0; band < 3; band++) {
                rgb.planes()[band * width * height + i] = (byte) colour[band];
            }
        }
        return rgb;
    }

    /// From luminance, blueness, redness, in libjpeg's fixed point.
    private static void toRgb(int[] colour) {
        int y = colour[0];
        int cb = colour[1] - 128;
        int cr = colour[2] - 128;
        colour[0] = Math.clamp(y + (91_881 * cr + 32_768 >> 16), 0, 255);
        colour[1] = Math.clamp(y + (32_768 - 22_554 * cb - 46_802 * cr >> 16), 0, 255);
        colour[2] = Math.clamp(y + (116_130 * cb + 32_768 >> 16), 0, 255);
    }

    /// Pillow's `CMYK` to `RGB`; it takes all files for inverted, as Adobe writes them.
    private static void mix(int[] colour) {
        for (int band = 0; band < 3; band++) {
            int product = (255 - colour[band]) * colour[3] + 128;
            colour[band] = Math.clamp(colour[3] - (product + (product >> 8) >> 8), 0, 255);
        }
    }
}
