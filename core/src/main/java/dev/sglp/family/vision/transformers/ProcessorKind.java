package dev.sglp.family.vision.transformers;

import dev.sglp.family.config.ConfigFields;
import dev.sglp.preparation.Extent;
import dev.sglp.preparation.Extent.Size;
import dev.sglp.preparation.Interpolation;
import java.io.IOException;
import java.util.Arrays;
import java.util.stream.Collectors;

/// The image processors of transformers whose fields are known, and what each takes for a field that its file has not.
///
/// The crop size stands in every one; `crops` says whether one cuts without being told.
enum ProcessorKind {
    // @formatter:off
    VIT("ViT", true, Interpolation.BILINEAR, false),
    DEIT("DeiT", true, Interpolation.BICUBIC, true),
    BIT("Bit", false, Interpolation.BICUBIC, true),
    CLIP("CLIP", false, Interpolation.BICUBIC, true),
    SIGLIP("Siglip", true, Interpolation.BICUBIC, false),
    CONVNEXT("ConvNext", false, Interpolation.BICUBIC, false);
    // @formatter:on

    private static final int SIDE = 224;

    private final String title;
    private final boolean squares;
    private final Interpolation interpolation;
    private final boolean crops;

    ProcessorKind(String title, boolean squares, Interpolation interpolation, boolean crops) {
        this.title = title;
        this.squares = squares;
        this.interpolation = interpolation;
        this.crops = crops;
    }

    /// The one that a file names; a ViT's where it names none.
    ///
    /// @throws IOException where it is not known
    static ProcessorKind of(ConfigFields fields) throws IOException {
        var name = fields.value("image_processor_type").isPresent() ? "image_processor_type" : "feature_extractor_type";
        var named = fields.value(name);
        if (named.isEmpty()) {
            return VIT;
        }
        var title = String.valueOf(named.get()).replaceFirst("(ImageProcessor(Fast|Pil)?|FeatureExtractor)$", "");
        return Arrays.stream(values()).filter(k -> k.title.equals(title)).findFirst()
                .orElseThrow(() -> fields.wrong(name, "one of " + Arrays.stream(values())
                        .map(k -> k.title + "ImageProcessor").collect(Collectors.joining(", ")), named.get()));
    }

    /// What a plain number of a size means: both sides, or the shorter one.
    boolean squares() {
        return squares;
    }

    Interpolation interpolation() {
        return interpolation;
    }

    boolean crops() {
        return crops;
    }

    Extent size() {
        int side = this == DEIT ? 256 : this == CONVNEXT ? 384 : SIDE;
        return squares ? new Extent.Exact(new Size(side, side)) : new Extent.Shortest(side);
    }

    Size crop() {
        return new Size(SIDE, SIDE);
    }
}
