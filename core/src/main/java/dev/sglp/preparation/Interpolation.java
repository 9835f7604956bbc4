package dev.sglp.preparation;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// What a pixel is made of where a picture is resized, as Pillow names it; a reduction takes as many pixels more.
public enum Interpolation {
    /// A triangle over one pixel each way.
    BILINEAR(2),
    /// Keys' cubic with a = −½ over two pixels each way.
    BICUBIC(3);

    private final int code;

    Interpolation(int code) {
        this.code = code;
    }

    /// Pillow's number of it, which `preprocessor_config.json` has.
    public int code() {
        return code;
    }

    /// As files and flags have it.
    public String title() {
        return name().toLowerCase(Locale.ROOT);
    }

    /// The one of this name.
    public static Optional<Interpolation> named(String name) {
        return Arrays.stream(values()).filter(i -> i.title().equals(name)).findFirst();
    }

    /// The one of this number of Pillow.
    public static Optional<Interpolation> of(int code) {
        return Arrays.stream(values()).filter(i -> i.code == code).findFirst();
    }

    /// Of all.
    public static List<String> names() {
        return Arrays.stream(values()).map(Interpolation::title).toList();
    }
}
