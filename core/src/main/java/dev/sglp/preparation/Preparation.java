package dev.sglp.preparation;

import dev.sglp.preparation.Extent.Size;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// What is done to a picture before its pixels are normalised: it is resized, then cut from the centre.
///
/// @param resize empty: pictures keep their size
/// @param crop   empty: they are not cut
public record Preparation(Optional<Resize> resize, Optional<Crop> crop) {
    /// Pictures as they are.
    public static final Preparation NONE = new Preparation(Optional.empty(), Optional.empty());

    /// @param extent what it is resized to
    public record Resize(Extent extent, Interpolation interpolation) {
        @Override
        public String toString() {
            return "resized to %s, %s".formatted(
                    extent instanceof Extent.Shortest shortest ? shortest + " (shorter side)" : extent,
                    interpolation.title());
        }
    }

    /// A part around the centre; black stands where the picture does not reach.
    ///
    /// @param centre where that is if as many pixels do not lie on both sides
    public record Crop(Size size, Centre centre) {
        @Override
        public String toString() {
            return "cut to %s".formatted(size);
        }
    }

    /// Where a part begins if an odd number of pixels is left over.
    public enum Centre {
        /// At the even one of both places, as torchvision and timm have it.
        EVEN {
            @Override
            public int offset(int whole, int part) {
                return whole < part ? -((part - whole) / 2) : (int) Math.rint((whole - part) / 2.0);
            }
        },
        /// At the first of both places, as the image processors of transformers have it.
        FIRST {
            @Override
            public int offset(int whole, int part) {
                return Math.floorDiv(whole - part, 2);
            }
        };

        /// The first pixel of a part along an axis; negative where the part is larger.
        public abstract int offset(int whole, int part);
    }

    /// As torchvision's presets and timm have it: the shorter side resized, a square cut from the centre.
    public static Preparation of(int shorter, Interpolation interpolation, int square) {
        return new Preparation(Optional.of(new Resize(new Extent.Shortest(shorter), interpolation)),
                Optional.of(new Crop(new Size(square, square), Centre.EVEN)));
    }

    /// What all pictures come to; empty where that depends on them.
    public Optional<Size> size() {
        return crop.map(Crop::size).or(() -> resize.map(Resize::extent)
                .flatMap(e -> e instanceof Extent.Exact exact ? Optional.of(exact.size()) : Optional.empty()));
    }

    /// For people, for instance `resized to 256 (shorter side), bilinear, cut to 224×224`.
    @Override
    public String toString() {
        var words = Stream.<Optional<?>>of(resize, crop).flatMap(Optional::stream).map(Object::toString)
                .collect(Collectors.joining(", "));
        return words.isEmpty() ? "as they are" : words;
    }
}
