package dev.sglp.family.config;

import java.io.IOException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/// How pixels are normalised, `(x − mean) / std`: in a `config.json` of ours `"normalisation": {"mean": […], "std": […]}`.
///
/// @param mean of each channel
/// @param std  of each channel
public record NormalisationFields(List<Double> mean, List<Double> std) {
    /// The field.
    public static final String NAME = "normalisation";
    /// Of ImageNet.
    public static final NormalisationFields IMAGENET = new NormalisationFields(List.of(.485, .456, .406),
            List.of(.229, .224, .225));
    private static final double MOST = 1e6;

    public NormalisationFields {
        mean = List.copyOf(mean);
        std = List.copyOf(std);
    }

    /// ImageNet's where there are three channels, else from −1 to 1.
    public static NormalisationFields usual(int channels) {
        var half = Collections.nCopies(channels, .5);
        return channels == IMAGENET.mean.size() ? IMAGENET : new NormalisationFields(half, half);
    }

    /// As the fields `mean` and `std` say it.
    ///
    /// @param otherwise where they are missing
    /// @throws IOException where they are not those of so many channels
    public static NormalisationFields of(ConfigFields fields, NormalisationFields otherwise, long channels)
            throws IOException {
        return of(fields, List.of("mean", "std"), otherwise, channels);
    }

    /// As fields of other names say it.
    ///
    /// @param names of the one for means and of the one for deviations
    public static NormalisationFields of(ConfigFields fields, List<String> names, NormalisationFields otherwise,
            long channels) throws IOException {
        var found = new NormalisationFields(fields.numbers(names.getFirst(), otherwise.mean),
                fields.numbers(names.getLast(), otherwise.std));
        if (found.mean.size() != channels || found.std.size() != channels
                || found.std.stream().anyMatch(s -> !(s > 0 && s < MOST))
                || found.mean.stream().anyMatch(m -> !(Math.abs(m) < MOST))) {
            throw fields.wrong(names.getFirst(), "a mean and a positive %s for each of %d channels"
                    .formatted(names.getLast(), channels), List.of(found.mean, found.std));
        }
        return found;
    }

    /// The fields that say it.
    public SequencedMap<String, Object> json() {
        var both = new LinkedHashMap<String, Object>();
        both.put("mean", mean);
        both.put("std", std);
        return both;
    }
}
