package dev.sglp.data.source;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import javax.imageio.ImageIO;

/// Small images in folders and zips for tests.
public final class Pictures {
    private Pictures() {}

    /// A PNG whose pixels follow from `number`; different numbers below 2^24 give different images.
    public static byte[] png(int number, int width, int height) throws IOException {
        var image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < width * height; i++) {
            image.setRGB(i % width, i / width, number * 0x10001 + i * 7);
        }
        image.setRGB(0, 0, number);
        var out = new ByteArrayOutputStream();
        ImageIO.write(image, "png", out);
        return out.toByteArray();
    }

    public static void write(Path file, byte[] bytes) throws IOException {
        Files.createDirectories(file.getParent());
        Files.write(file, bytes);
    }

    /// `count` images in each of the classes `a`, `b`, `c` of a folder, numbered on from `first`.
    public static Path folder(Path folder, int count, int first) throws IOException {
        for (int i = 0; i < 3 * count; i++) {
            write(folder.resolve("%c/%04d.png".formatted("abc".charAt(i % 3), i / 3)), png(first + i, 4, 4));
        }
        return folder;
    }

    /// A zip with these entries: names with `/` at the end are folders, others get the same bytes.
    public static Path zip(Path file, byte[] bytes, String... names) throws IOException {
        try (var zip = new ZipOutputStream(Files.newOutputStream(file))) {
            for (String name : names) {
                zip.putNextEntry(new ZipEntry(name));
                if (!name.endsWith("/")) {
                    zip.write(bytes);
                }
                zip.closeEntry();
            }
        }
        return file;
    }
}
