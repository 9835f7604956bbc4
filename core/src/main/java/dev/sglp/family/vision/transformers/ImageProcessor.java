package dev.sglp.family.vision.transformers;

import dev.sglp.family.config.ConfigFields;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What `preprocessor_config.json` says of images: `x = (f · pixel − mean) / std` with pixels from 0 to 255.
///
/// @param mean of pixels in [0, 1]
/// @param std  of pixels in [0, 1]
/// @param size what images are resized or cut to in the end, height and width; empty where it is not said
record ImageProcessor(List<Double> mean, List<Double> std, Optional<int[]> size) {
    private static final double FULL = 255;

    /// @param usualMean where the file does not say it
    /// @param usualStd  where the file does not say it
    static ImageProcessor of(String file, Map<String, Object> values, List<Double> usualMean, List<Double> usualStd)
            throws IOException {
        var fields = new ConfigFields(file + " preprocessor_config.json", values);
        boolean normal = fields.flag("do_normalize", true);
        double unit = fields.flag("do_rescale", true) ? fields.positive("rescale_factor", 1 / FULL) * FULL : FULL;
        var mean = normal ? fields.numbers("image_mean", usualMean) : usualMean.stream().map(_ -> 0.0).toList();
        var std = normal ? fields.numbers("image_std", usualStd) : usualStd.stream().map(_ -> 1.0).toList();
        if (mean.size() != usualMean.size() || std.size() != usualStd.size()
                || std.stream().anyMatch(s -> !(s > 0 && s < 1e6))
                || mean.stream().anyMatch(m -> !(Math.abs(m) < 1e6))) {
            throw fields.wrong("image_mean", "a mean and a positive image_std for each of %d channels"
                    .formatted(usualMean.size()), List.of(mean, std));
        }
        boolean same = Math.abs(unit - 1) < 1e-6;
        return new ImageProcessor(same ? mean : mean.stream().map(m -> m / unit).toList(),
                same ? std : std.stream().map(s -> s / unit).toList(), size(fields));
    }

    private static Optional<int[]> size(ConfigFields fields) throws IOException {
        if (fields.flag("do_center_crop", false) && fields.value("crop_size").isPresent()) {
            return sides(fields, "crop_size");
        }
        return fields.flag("do_resize", true) && fields.value("size").isPresent()
                ? sides(fields, "size")
                : Optional.empty();
    }

    /// A number, or `height` and `width`; a shortest edge alone leaves the size open.
    private static Optional<int[]> sides(ConfigFields fields, String name) throws IOException {
        if (fields.value(name).orElseThrow() instanceof Map) {
            var both = fields.object(name).orElseThrow();
            return both.value("height").isEmpty()
                    ? Optional.empty()
                    : Optional.of(new int[]{both.count("height"), both.count("width")});
        }
        int side = fields.count(name);
        return Optional.of(new int[]{side, side});
    }
}
