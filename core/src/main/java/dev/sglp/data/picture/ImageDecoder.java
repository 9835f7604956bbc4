package dev.sglp.data.picture;

import dev.sglp.data.item.Rgb;
import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.spi.ImageReaderSpi;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;
import org.jspecify.annotations.Nullable;

/// JPEG, PNG, BMP, GIF and WebP bytes to red, green and blue. The values are those stored in the file, as PIL's
/// `convert("RGB")` gives them: no colour profile is applied, alpha is dropped, grey is repeated, CMYK is mixed; EXIF
/// orientation turns nothing. Of lossy WebP the halved colours are spread in another way. What PIL reads in a way of its own is refused.
public final class ImageDecoder {
    /// More pixels than this are refused before anything is allocated for them.
    private static final long MAX_PIXELS = 100_000_000;
    /// A small file that promises a large image is a bomb: beside a million, at most so many pixels a byte of the file.
    private static final long MAX_PIXELS_A_BYTE = 1024;
    private static final long SMALL = 1_000_000;
    private static final int DEAR = 8; // times the memory a pixel takes while a WebP is decoded

    private static final List<ImageReaderSpi> FORMATS = formats();

    private final byte[] file;
    private final String where;
    private final Optional<JpegHeader> jpeg;

    private ImageDecoder(byte[] file, String where) {
        this.file = file;
        this.where = where;
        this.jpeg = JpegHeader.begins(file) ? Optional.of(JpegHeader.of(file)) : Optional.empty();
    }

    private static List<ImageReaderSpi> formats() {
        System.setProperty("java.awt.headless", "true");
        ImageIO.setUseCache(false);
        return Stream.of("jpeg", "png", "bmp", "gif", "webp")
                .map(name -> ImageIO.getImageReadersByFormatName(name).next())
                .map(ImageReader::getOriginatingProvider).toList();
    }

    /// @param where what an error calls the image, for instance `zip:folder/cat/1.jpg`
    public static Rgb decode(byte[] file, String where) throws IOException {
        return new ImageDecoder(file, where).decode();
    }

    private Rgb decode() throws IOException {
        var bytes = new ByteArrayInputStream(jpeg.map(JpegHeader::plain).orElseGet(() -> WebpHeader.plain(file)));
        try (var in = new MemoryCacheImageInputStream(bytes)) {
            var reader = readerOf(in);
            try {
                reader.setInput(in, true, true);
                return decode(reader);
            } finally {
                reader.dispose();
            }
        }
    }

    /// What `ImageIO.getImageReaders` does, without its locks: with them two threads decode slower than one.
    private ImageReader readerOf(ImageInputStream in) throws IOException {
        for (var format : FORMATS) {
            if (begins(format, in)) {
                return format.createReaderInstance();
            }
        }
        throw new IOException(
                "[%s] is not a JPEG, PNG, BMP, GIF or WebP image. Remove it, or convert it.".formatted(where));
    }

    /// A file that ends before a format's first bytes is none of that format; some readers throw then.
    private static boolean begins(ImageReaderSpi format, ImageInputStream in) throws IOException {
        try {
            return format.canDecodeInput(in);
        } catch (EOFException e) {
            in.seek(0);
            return false;
        }
    }

    private Rgb decode(ImageReader reader) throws IOException {
        var complaint = new StringBuilder();
        reader.addIIOReadWarningListener((_, warning) -> complaint.append(warning));
        var objection = tried(() -> objection(reader));
        if (objection.isPresent()) {
            throw new IOException("[%s] cannot be decoded: %s. Remove it, or save it again as RGB of 8 bits."
                    .formatted(where, objection.get()));
        }
        var rgb = tried(() -> pixels(reader));
        if (complaint.indexOf("premature end") >= 0 || complaint.indexOf("Truncated File") >= 0) {
            // libjpeg would fill what is missing with grey; Pillow refuses it too
            throw unreadable("it is cut off", null);
        }
        return rgb;
    }

    private interface Step<T> {
        T run() throws IOException;
    }

    /// On damaged files the JDK's readers throw all sorts of exceptions.
    private <T> T tried(Step<T> step) throws IOException {
        try {
            return step.run();
        } catch (IOException | RuntimeException e) {
            throw unreadable(String.valueOf(e.getMessage()), e);
        }
    }

    private IOException unreadable(String why, @Nullable Exception cause) {
        return new IOException("[%s] cannot be decoded: %s. Maybe it is cut or corrupt. Remove it, or save it again."
                .formatted(where, why), cause);
    }

    /// What speaks against decoding it, before anything is allocated.
    private Optional<String> objection(ImageReader reader) throws IOException {
        int width = reader.getWidth(0);
        int height = reader.getHeight(0);
        int dear = reader.getFormatName().equals("webp") ? DEAR : 1;
        long most = Math.min(MAX_PIXELS, (SMALL + MAX_PIXELS_A_BYTE * file.length) / dear);
        long pixels = (long) width * height;
        if (pixels > most) {
            return Optional.of("it says it has %s pixels, at most %s are read from a file of its size"
                    .formatted(counted(pixels), counted(most)));
        }
        if (jpeg.isPresent() && jpeg.get().colours() == JpegHeader.Colours.UNKNOWN) {
            return Optional.of("it has %d components, expected 1, 3 or 4".formatted(jpeg.get().components().size()));
        }
        return switch (reader.getFormatName()) {
            case "gif" -> canvas(width, height);
            case "png" -> file[24] == 16 && file[25] == 0 // bits and colours in IHDR; Pillow makes white of all above 255
                    ? Optional.of("it is grey of 16 bits, which is not read alike everywhere")
                    : Optional.empty();
            case "webp" -> WebpHeader.of(file).objection();
            default -> Optional.empty();
        };
    }

    private static String counted(long pixels) {
        return pixels < 1_000_000 ? "%,d".formatted(pixels) : "%d million".formatted(pixels / 1_000_000);
    }

    /// Others give the whole canvas, whose rest the JDK does not fill.
    private Optional<String> canvas(int width, int height) {
        var header = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
        int canvasWidth = header.getShort(6) & 0xFFFF;
        int canvasHeight = header.getShort(8) & 0xFFFF;
        return width < canvasWidth || height < canvasHeight
                ? Optional.of("its first picture is %d×%d, its canvas %d×%d".formatted(width, height, canvasWidth,
                        canvasHeight))
                : Optional.empty();
    }

    private Rgb pixels(ImageReader reader) throws IOException {
        return jpeg.isPresent() && JpegSamples.differ(jpeg.get())
                ? JpegSamples.rgb(jpeg.get(), reader.readRaster(0, null))
                : rgb(reader.read(0));
    }

    private static Rgb rgb(BufferedImage image) {
        return image.getColorModel() instanceof IndexColorModel palette ? looked(image, palette) : stored(image);
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
