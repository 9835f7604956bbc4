package dev.sglp.family.config;

import dev.sglp.preparation.Extent;
import dev.sglp.preparation.Extent.Size;
import dev.sglp.preparation.Interpolation;
import dev.sglp.preparation.Preparation;
import dev.sglp.preparation.Preparation.Centre;
import dev.sglp.preparation.Preparation.Crop;
import dev.sglp.preparation.Preparation.Resize;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;

/// How pictures are prepared, in a `config.json` of ours: `"preparation": {"resize": 256, "interpolation": "bilinear", "crop": 224}`.
/// A size of both sides is `[height, width]`; what is not there is not done.
public final class PreparationFields {
    /// The field.
    public static final String NAME = "preparation";
    /// More pixels than this are no side of a picture.
    private static final int MOST = 1 << 13;
    private static final String RESIZE = "resize";
    private static final String INTERPOLATION = "interpolation";
    private static final String CROP = "crop";

    private PreparationFields() {}

    /// @return empty where the configuration does not say it
    public static Optional<Preparation> of(ConfigFields config) throws IOException {
        var found = config.object(NAME);
        if (found.isEmpty()) {
            return Optional.empty();
        }
        var fields = found.get();
        var interpolation = interpolation(fields, INTERPOLATION, Interpolation.BILINEAR);
        var resize = fields.value(RESIZE).isEmpty()
                ? Optional.<Resize>empty()
                : Optional.of(new Resize(fields.value(RESIZE).get() instanceof List
                        ? new Extent.Exact(size(fields, RESIZE))
                        : new Extent.Shortest(side(fields, RESIZE)), interpolation));
        var crop = fields.value(CROP).isEmpty()
                ? Optional.<Crop>empty()
                : Optional.of(new Crop(size(fields, CROP), Centre.EVEN));
        fields.refuseOthers();
        return Optional.of(new Preparation(resize, crop));
    }

    /// A name of an interpolation.
    public static Interpolation interpolation(ConfigFields fields, String name, Interpolation otherwise)
            throws IOException {
        var value = fields.value(name);
        return value.isEmpty()
                ? otherwise
                : Interpolation.named(String.valueOf(value.get()))
                        .orElseThrow(() -> fields.wrong(name, "one of " + Interpolation.names(), value.get()));
    }

    /// A number of pixels.
    ///
    /// @throws IOException where it is missing, or no side of a picture
    public static int side(ConfigFields fields, String name) throws IOException {
        int side = fields.count(name);
        if (side > MOST) {
            throw fields.wrong(name, "at most %d pixels".formatted(MOST), side);
        }
        return side;
    }

    /// A number of pixels for both sides, or a list of height and width.
    public static Size size(ConfigFields fields, String name) throws IOException {
        if (fields.value(name).orElse(0) instanceof List<?> two) {
            if (two.size() != 2
                    || !two.stream().allMatch(s -> s instanceof Integer side && side > 0 && side <= MOST)) {
                throw fields.wrong(name, "height and width, at most %d pixels".formatted(MOST), two);
            }
            return new Size((Integer) two.getFirst(), (Integer) two.getLast());
        }
        int side = side(fields, name);
        return new Size(side, side);
    }

    /// What is written for it.
    public static SequencedMap<String, Object> json(Preparation preparation) {
        var json = new LinkedHashMap<String, Object>();
        preparation.resize().ifPresent(resize -> {
            json.put(RESIZE, switch (resize.extent()) {
                case Extent.Shortest shortest -> shortest.edge();
                case Extent.Exact exact -> sides(exact.size());
                case Extent.Covering covering -> throw new IllegalStateException(covering + " is timm's alone");
            });
            json.put(INTERPOLATION, resize.interpolation().title());
        });
        preparation.crop().ifPresent(crop -> json.put(CROP, sides(crop.size())));
        return json;
    }

    private static Object sides(Size size) {
        return List.of(size.height(), size.width());
    }
}
