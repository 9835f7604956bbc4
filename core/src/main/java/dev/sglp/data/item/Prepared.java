package dev.sglp.data.item;

import dev.sglp.preparation.Extent.Size;
import dev.sglp.preparation.Interpolation;
import dev.sglp.preparation.Preparation;
import java.io.IOException;

/// A picture as a network looks at it.
public final class Prepared {
    /// A thin picture, enlarged until its shorter side fits, would have more pixels than this.
    private static final long MOST_PIXELS = 100_000_000;

    private Prepared() {}

    /// @param image of bytes
    /// @throws IOException where it would become larger than any picture is read
    public static Rgb of(Rgb image, Preparation by) throws IOException {
        var whole = new Size(image.height(), image.width());
        var size = by.resize().map(r -> r.extent().of(whole)).orElse(whole);
        if ((long) size.height() * size.width() > MOST_PIXELS) {
            throw new IOException("is %s, and would be resized to %s. Remove it, or cut it before".formatted(
                    image.form().words(), size));
        }
        var part = by.crop().map(Preparation.Crop::size).orElse(size);
        int top = by.crop().map(c -> c.centre().offset(size.height(), part.height())).orElse(0);
        int left = by.crop().map(c -> c.centre().offset(size.width(), part.width())).orElse(0);
        var inside = new Size(Math.min(size.height(), part.height()), Math.min(size.width(), part.width()));
        var resampling = new Resampling(image, size,
                by.resize().map(Preparation.Resize::interpolation).orElse(Interpolation.BILINEAR));
        var shown = resampling.part(Math.max(0, top), Math.max(0, left), inside);
        return inside.equals(part) ? shown : framed(shown, part, Math.max(0, -top), Math.max(0, -left));
    }

    /// On black.
    private static Rgb framed(Rgb image, Size size, int top, int left) {
        var result = Rgb.empty(size.height(), size.width());
        for (int row = 0; row < 3 * image.height(); row++) {
            int y = row / image.height() * size.height() + top + row % image.height();
            System.arraycopy(image.planes(), row * image.width(), result.planes(), y * size.width() + left,
                    image.width());
        }
        return result;
    }
}
