package dev.sglp.family.vision.transformers;

import dev.sglp.family.config.ConfigFields;
import dev.sglp.family.config.NormalisationFields;
import dev.sglp.family.config.PreparationFields;
import dev.sglp.preparation.Extent.Size;
import dev.sglp.preparation.Extent;
import dev.sglp.preparation.Interpolation;
import dev.sglp.preparation.Preparation.Centre;
import dev.sglp.preparation.Preparation.Crop;
import dev.sglp.preparation.Preparation.Resize;
import dev.sglp.preparation.Preparation;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/// What `preprocessor_config.json` says of images: pictures are resized and cut, then `x = (f · pixel − mean) / std` with pixels from 0
/// to 255. Bit for bit what the library transformers makes of it with Pillow (`backend="pil"`).
///
/// @param mean of pixels in [0, 1]
/// @param std  of pixels in [0, 1]
record ImageProcessor(List<Double> mean, List<Double> std, Preparation preparation) {
    /// What names the processor where a file is made anew.
    static final Map<String, Object> UNNAMED = Map.of("image_processor_type", "ViTImageProcessor");
    private static final double FULL = 255;
    /// From this size on ConvNeXT's processor cuts nothing.
    private static final int WARPED = 384;

    /// @param usualMean where the file does not say it
    /// @param usualStd  where the file does not say it
    static ImageProcessor of(ConfigFields fields, List<Double> usualMean, List<Double> usualStd) throws IOException {
        fields.harmless("processor_class", "do_convert_rgb", "data_format", "input_data_format", "device",
                "disable_grouping", "return_tensors", "_valid_processor_keys", "default_to_square",
                "transformers_version", "use_fast", "num_channels", "do_reduce_labels", "crop_pct");
        var kind = ProcessorKind.of(fields);
        boolean normal = fields.flag("do_normalize", true);
        double unit = fields.flag("do_rescale", true) ? fields.positive("rescale_factor", 1 / FULL) * FULL : FULL;
        var said = normal
                ? NormalisationFields.of(fields, List.of("image_mean", "image_std"),
                        new NormalisationFields(usualMean, usualStd), usualMean.size())
                : new NormalisationFields(usualMean.stream().map(_ -> 0.0).toList(),
                        usualStd.stream().map(_ -> 1.0).toList());
        var preparation = preparation(fields, kind);
        fields.harmless("rescale_factor", "image_mean", "image_std", "size", "crop_size", "resample");
        fields.refuseOthers();
        boolean same = Math.abs(unit - 1) < 1e-6;
        return new ImageProcessor(same ? said.mean() : said.mean().stream().map(m -> m / unit).toList(),
                same ? said.std() : said.std().stream().map(s -> s / unit).toList(), preparation);
    }

    private static Preparation preparation(ConfigFields fields, ProcessorKind kind) throws IOException {
        var extent = fields.flag("do_resize", true)
                ? Optional.of(extent(fields, kind))
                : Optional.<Extent>empty();
        var crop = fields.flag("do_center_crop", kind.crops())
                ? Optional.of(new Crop(both(fields, "crop_size", kind.crop()), Centre.FIRST))
                : Optional.<Crop>empty();
        if (kind == ProcessorKind.CONVNEXT && extent.isPresent()) {
            return convnext(fields, extent.get());
        }
        var how = extent.isPresent() ? interpolation(fields, kind) : kind.interpolation();
        return new Preparation(extent.map(e -> new Resize(e, how)), crop);
    }

    /// The shorter side of small pictures is resized to more, and they are cut to it; large ones are squeezed.
    private static Preparation convnext(ConfigFields fields, Extent extent) throws IOException {
        if (!(extent instanceof Extent.Shortest shortest)) {
            throw fields.wrong("size", "a shortest_edge", fields.value("size").orElse(null));
        }
        var square = new Size(shortest.edge(), shortest.edge());
        var how = interpolation(fields, ProcessorKind.CONVNEXT);
        if (shortest.edge() >= WARPED) {
            return new Preparation(Optional.of(new Resize(new Extent.Exact(square), how)), Optional.empty());
        }
        double share = fields.positive("crop_pct", 224 / 256.0);
        if (share < 0.1 || share > 1) {
            throw fields.wrong("crop_pct", "a part from 0.1 to 1", share);
        }
        int longer = (int) (shortest.edge() / share);
        return new Preparation(Optional.of(new Resize(new Extent.Shortest(longer), how)),
                Optional.of(new Crop(square, Centre.FIRST)));
    }

    private static Interpolation interpolation(ConfigFields fields, ProcessorKind kind) throws IOException {
        var code = fields.value("resample");
        if (code.isEmpty()) {
            return kind.interpolation();
        }
        return Optional.of(code.get()).filter(Integer.class::isInstance).flatMap(c -> Interpolation.of((Integer) c))
                .orElseThrow(() -> fields.wrong("resample", "2 (bilinear) or 3 (bicubic), as Pillow numbers them",
                        code.get()));
    }

    /// A number, which old files have, means what the kind of processor takes it for.
    private static Extent extent(ConfigFields fields, ProcessorKind kind) throws IOException {
        if (fields.value("size").isEmpty()) {
            return kind.size();
        }
        if (!(fields.value("size").get() instanceof Map)) {
            int side = PreparationFields.side(fields, "size");
            return kind.squares() ? new Extent.Exact(new Size(side, side)) : new Extent.Shortest(side);
        }
        var size = fields.object("size").orElseThrow();
        var extent = size.value("shortest_edge").isPresent()
                ? new Extent.Shortest(PreparationFields.side(size, "shortest_edge"))
                : new Extent.Exact(new Size(PreparationFields.side(size, "height"),
                        PreparationFields.side(size, "width")));
        size.refuseOthers();
        return extent;
    }

    private static Size both(ConfigFields fields, String name, Size otherwise) throws IOException {
        if (fields.value(name).isEmpty()) {
            return otherwise;
        }
        if (fields.value(name).get() instanceof Map) {
            var both = fields.object(name).orElseThrow();
            var size = new Size(PreparationFields.side(both, "height"), PreparationFields.side(both, "width"));
            both.refuseOthers();
            return size;
        }
        return PreparationFields.size(fields, name);
    }

    /// The fields of a normalisation.
    static SequencedMap<String, Object> normalisation(List<Double> mean, List<Double> std) {
        var fields = new LinkedHashMap<String, Object>();
        fields.put("do_rescale", true);
        fields.put("rescale_factor", 1 / FULL);
        fields.put("do_normalize", true);
        fields.put("image_mean", mean);
        fields.put("image_std", std);
        return fields;
    }

    /// The fields of a preparation.
    static SequencedMap<String, Object> fields(Preparation preparation) {
        var fields = new LinkedHashMap<String, Object>();
        fields.put("do_resize", preparation.resize().isPresent());
        preparation.resize().ifPresent(resize -> {
            fields.put("size", switch (resize.extent()) {
                case Extent.Shortest shortest -> new LinkedHashMap<>(Map.of("shortest_edge", shortest.edge()));
                case Extent.Exact exact -> sides(exact.size());
                case Extent.Covering covering -> throw new IllegalStateException(covering + " is timm's alone");
            });
            fields.put("resample", resize.interpolation().code());
        });
        fields.put("do_center_crop", preparation.crop().isPresent());
        preparation.crop().ifPresent(crop -> fields.put("crop_size", sides(crop.size())));
        return fields;
    }

    private static SequencedMap<String, Object> sides(Size size) {
        var sides = new LinkedHashMap<String, Object>();
        sides.put("height", size.height());
        sides.put("width", size.width());
        return sides;
    }
}
