package dev.sglp.data.source;

import dev.sglp.data.image.Rgb;
import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.spi.ImageReaderSpi;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;
import org.jspecify.annotations.Nullable;

/// JPEG, PNG, BMP and GIF bytes to red, green and blue. The values are those stored in the file, as PIL's
/// `convert("RGB")` gives them: no colour profile is applied, alpha is dropped, grey is repeated, EXIF rotation is not.
final class ImageDecoder {
    /// More pixels than this are refused before anything is allocated for them.
    private static final long MAX_PIXELS = 100_000_000;
    /// A small file that promises a large image is a bomb: beside a million, at most so many pixels a byte of the file.
    private static final long MAX_PIXELS_A_BYTE = 1024;
    private static final long SMALL = 1_000_000;

    private static final List<ImageReaderSpi> FORMATS = formats();

    private ImageDecoder() {}

    private static List<ImageReaderSpi> formats() {
        System.setProperty("java.awt.headless", "true");
        ImageIO.setUseCache(false);
        return Stream.of("jpeg", "png", "bmp", "gif").map(name -> ImageIO.getImageReadersByFormatName(name).next())
                .map(ImageReader::getOriginatingProvider).toList();
    }

    /// @param where what an error calls the image, for instance `zip:folder/cat/1.jpg`
    static Rgb decode(byte[] file, String where) throws IOException {
        var bytes = new ByteArrayInputStream(JpegHeader.withColourSpaceNamed(file));
        try (var in = new MemoryCacheImageInputStream(bytes)) {
            var reader = readerOf(in, where);
            try {
                reader.setInput(in, true, true);
                return decode(reader, where, Math.min(MAX_PIXELS, SMALL + MAX_PIXELS_A_BYTE * file.length));
            } finally {
                reader.dispose();
            }
        }
    }

    /// What `ImageIO.getImageReaders` does, without its locks: with them two threads decode slower than one.
    private static ImageReader readerOf(ImageInputStream in, String where) throws IOException {
        for (var format : FORMATS) {
            if (format.canDecodeInput(in)) {
                return format.createReaderInstance();
            }
        }
        throw new IOException("[%s] is not a JPEG, PNG, BMP or GIF image. Remove it, or convert it.".formatted(where));
    }

    private static Rgb decode(ImageReader reader, String where, long most) throws IOException {
        var complaint = new StringBuilder();
        reader.addIIOReadWarningListener((_, warning) -> complaint.append(warning));
        BufferedImage image;
        try {
            long pixels = (long) reader.getWidth(0) * reader.getHeight(0);
            if (pixels > most) {
                throw new IOException(
                        "it says it has %d million pixels, at most %d are read from a file of its size"
                                .formatted(pixels / 1_000_000, most / 1_000_000));
            }
            image = reader.read(0);
        } catch (IOException | RuntimeException e) {
            throw unreadable(where, String.valueOf(e.getMessage()), e);
        }
        if (complaint.indexOf("premature end") >= 0 || complaint.indexOf("Truncated File") >= 0) {
            // libjpeg would fill what is missing with grey; Pillow refuses it too
            throw unreadable(where, "it is cut off", null);
        }
        if (image.getColorModel().getColorSpace().getType() == ColorSpace.TYPE_CMYK) {
            throw unreadable(where, "its colours are CMYK", null);
        }
        return image.getColorModel() instanceof IndexColorModel palette ? looked(image, palette) : stored(image);
    }

    private static IOException unreadable(String where, String why,
            @Nullable Exception cause) {
        return new IOException(
                "[%s] cannot be decoded: %s. Maybe it is cut or corrupt, or its colours are not RGB or grey. Remove it, or save it again as RGB."
                        .formatted(where, why),
                cause);
    }

    /// Palette images: the colours of the table.
    private static Rgb looked(BufferedImage image, IndexColorModel palette) {
        var rgb = Rgb.empty(image.getHeight(), image.getWidth());
        int plane = rgb.height() * rgb.width();
        int[] row = new int[rgb.width()];
        for (int y = 0; y < rgb.height(); y++) {
            image.getRaster().getPixels(0, y, row.length, 1, row);
            for (int x = 0; x < row.length; x++) {
                int at = y * row.length + x;
                rgb.planes()[at] = (byte) palette.getRed(row[x]);
                rgb.planes()[at + plane] = (byte) palette.getGreen(row[x]);
                rgb.planes()[at + 2 * plane] = (byte) palette.getBlue(row[x]);
            }
        }
        return rgb;
    }

    /// All others: the raster's own numbers (`getRGB` would convert grey from a linear colour space).
    private static Rgb stored(BufferedImage image) {
        var raster = image.getRaster();
        int bands = raster.getNumBands(); // 1 grey, 2 grey and alpha, 3 colours, 4 colours and alpha
        var rgb = Rgb.empty(image.getHeight(), image.getWidth());
        int plane = rgb.height() * rgb.width();
        int[] row = new int[rgb.width() * bands];
        for (int y = 0; y < rgb.height(); y++) {
            raster.getPixels(0, y, rgb.width(), 1, row);
            for (int channel = 0; channel < 3; channel++) {
                int band = bands < 3 ? 0 : channel;
                int bits = image.getSampleModel().getSampleSize(band);
                int at = channel * plane + y * rgb.width();
                for (int x = 0; x < rgb.width(); x++) {
                    rgb.planes()[at + x] = (byte) eightBits(row[x * bands + band], bits);
                }
            }
        }
        return rgb;
    }

    private static int eightBits(int value, int bits) {
        return bits == 8 ? value : bits > 8 ? value >>> bits - 8 : value * 255 / ((1 << bits) - 1);
    }
}
