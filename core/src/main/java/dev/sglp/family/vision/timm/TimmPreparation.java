package dev.sglp.family.vision.timm;

import dev.sglp.family.config.ConfigFields;
import dev.sglp.family.config.PreparationFields;
import dev.sglp.fault.UsageException;
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
import java.util.Optional;
import java.util.SequencedMap;

/// How timm prepares pictures (`create_transform`, not training): resized to the input's size divided by `crop_pct`, then cut.
public final class TimmPreparation {
    /// Which part of a picture is left.
    static final String SHARE = "crop_pct";
    private static final String MODE = "crop_mode";
    private static final String INTERPOLATION = "interpolation";
    private static final double USUAL = 0.875;
    private static final String CENTRE = "center";
    private static final String SQUASH = "squash";

    private TimmPreparation() {}

    /// @param input what the network looks at
    public static Preparation of(ConfigFields fields, Size input) throws IOException {
        double share = fields.positive(SHARE, USUAL);
        if (share < 0.1 || share > 1) {
            throw fields.wrong(SHARE, "a part from 0.1 to 1", share);
        }
        var scaled = new Size((int) Math.floor(input.height() / share), (int) Math.floor(input.width() / share));
        boolean centre = fields.oneOf(MODE, List.of(CENTRE, SQUASH)).equals(CENTRE);
        Extent extent = !centre
                ? new Extent.Exact(scaled)
                : scaled.height() == scaled.width()
                        ? new Extent.Shortest(scaled.height())
                        : new Extent.Covering(scaled);
        var how = PreparationFields.interpolation(fields, INTERPOLATION, Interpolation.BICUBIC);
        return new Preparation(Optional.of(new Resize(extent, how)), Optional.of(new Crop(input, Centre.EVEN)));
    }

    /// The fields that say it.
    ///
    /// @throws UsageException where there are none for it
    public static SequencedMap<String, Object> fields(Preparation preparation) {
        var resize = preparation.resize()
                .orElseThrow(() -> unsaid("pictures that are not resized", "--resize N --crop N"));
        var input = preparation.size().orElseThrow(() -> unsaid("pictures of any proportions", "--crop N"));
        var fields = new LinkedHashMap<String, Object>();
        fields.put(SHARE, switch (resize.extent()) {
            case Extent.Shortest shortest when input.height() == input.width() ->
                share(input.height(), shortest.edge());
            case Extent.Exact exact when exact.size().height() * (long) input.width() == exact.size().width()
                    * (long) input.height() ->
                share(input.height(), exact.size().height());
            case Extent other -> throw unsaid("pictures resized to %s and cut to %s".formatted(other, input),
                    "sides in the same proportion");
        });
        fields.put(MODE, resize.extent() instanceof Extent.Exact ? SQUASH : CENTRE);
        fields.put(INTERPOLATION, resize.interpolation().title());
        return fields;
    }

    /// A number by which the side divided gives the larger one, rounded down.
    private static double share(int side, int larger) {
        double share = (double) side / larger;
        double sure = Math.floor(side / share) == larger ? share : side / (larger + 0.5);
        if (sure < 0.1 || sure > 1) {
            throw unsaid("pictures resized to %d and cut to %d".formatted(larger, side), "a size of at least the cut");
        }
        return sure;
    }

    private static UsageException unsaid(String what, String remedy) {
        return new UsageException("timm's config.json has no words for %s: expected %s".formatted(what, remedy));
    }
}
