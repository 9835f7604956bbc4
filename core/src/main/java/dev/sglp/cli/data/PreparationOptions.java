package dev.sglp.cli.data;

import dev.sglp.cli.completion.Known;
import dev.sglp.cli.help.Heading;
import dev.sglp.cli.help.Under;
import dev.sglp.family.Architecture.Input.Image;
import dev.sglp.fault.UsageException;
import dev.sglp.preparation.Extent.Size;
import dev.sglp.preparation.Extent;
import dev.sglp.preparation.Interpolation;
import dev.sglp.preparation.Preparation.Centre;
import dev.sglp.preparation.Preparation.Crop;
import dev.sglp.preparation.Preparation.Resize;
import dev.sglp.preparation.Preparation;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// What is done to a picture before its pixels are normalised.
@Under(Heading.DATA)
public final class PreparationOptions {
    static final String[] FLAGS = {"--resize", "--crop", "--interpolation"};
    private static final int MOST = 4096;
    private static final String NONE = "none";

    @Option(names = "--resize", paramLabel = "N", description = "pixels of images' shorter side, or H,W of both, before they are cut; none (default: what the checkpoint says)")
    private @Nullable String resize;

    @Option(names = "--crop", paramLabel = "N", description = "pixels of a square, or H,W, cut from the centre, black where images are smaller; none (default: what the checkpoint says; with --resize N what the network looks at)")
    private @Nullable String crop;

    @Option(names = "--interpolation", paramLabel = "NAME", completionCandidates = Known.Interpolations.class, description = "${COMPLETION-CANDIDATES}: how they are resized, as Pillow does it (default: what the checkpoint says, else bilinear)")
    private @Nullable String interpolation;

    public PreparationOptions() {}

    /// What the user wants; empty where nothing was typed.
    ///
    /// @param input what the network looks at, with what its checkpoint says
    /// @throws UsageException where a flag is no size or name, or plays no part
    Optional<Preparation> of(Image input) {
        if (resize == null && crop == null && interpolation == null) {
            return Optional.empty();
        }
        var said = input.preparation();
        var resized = resize == null ? said.resize() : resized(resize, said);
        if (interpolation != null && resized.isEmpty()) {
            throw new UsageException("--interpolation %s: nothing is resized. Give --resize N too".formatted(
                    interpolation));
        }
        return Optional.of(new Preparation(resized.map(r -> new Resize(r.extent(), how(r.interpolation()))),
                cropped(said, resized, input)));
    }

    private Optional<Resize> resized(String typed, Preparation said) {
        if (typed.equals(NONE)) {
            return Optional.empty();
        }
        int[] sides = sides("--resize", typed);
        return Optional.of(new Resize(sides.length == 1
                ? new Extent.Shortest(sides[0])
                : new Extent.Exact(new Size(sides[0], sides[1])),
                said.resize().map(Resize::interpolation).orElse(Interpolation.BILINEAR)));
    }

    private Interpolation how(Interpolation otherwise) {
        return interpolation == null
                ? otherwise
                : Interpolation.named(interpolation)
                        .orElseThrow(() -> new UsageException("unknown interpolation '%s'; known are %s"
                                .formatted(interpolation, String.join(", ", Interpolation.names()))));
    }

    private Optional<Crop> cropped(Preparation said, Optional<Resize> resized, Image input) {
        var centre = said.crop().map(Crop::centre).orElse(Centre.EVEN);
        if (crop == null) {
            boolean open = resized.isPresent() && !(resized.get().extent() instanceof Extent.Exact);
            return said.crop().isEmpty() && open
                    ? Optional.of(new Crop(input.size(), centre))
                    : said.crop();
        }
        if (crop.equals(NONE)) {
            return Optional.empty();
        }
        int[] sides = sides("--crop", crop);
        return Optional.of(new Crop(new Size(sides[0], sides[sides.length - 1]), centre));
    }

    private static int[] sides(String flag, String typed) {
        try {
            int[] sides = Arrays.stream(typed.split(",", -1)).map(String::strip).mapToInt(Integer::parseInt).toArray();
            if (sides.length <= 2 && Arrays.stream(sides).allMatch(s -> s >= 1 && s <= MOST)) {
                return sides;
            }
        } catch (NumberFormatException _) {
            // told below
        }
        throw new UsageException(
                "%s is a number of pixels from 1 to %d, or two of them, as in 224,320, or none; got '%s'"
                        .formatted(flag, MOST, typed));
    }
}
