package dev.sglp.family.convolution.network;

import dev.sglp.family.convolution.BlockSpec;
import dev.sglp.family.convolution.ConvolutionHeader;
import dev.sglp.family.convolution.Name.Place;
import dev.sglp.family.convolution.Name;
import dev.sglp.family.convolution.ShortcutSpec;
import dev.sglp.family.convolution.StepSpec.Bending;
import dev.sglp.family.convolution.StepSpec.Classifying;
import dev.sglp.family.convolution.StepSpec.Convolving;
import dev.sglp.family.convolution.StepSpec.Mean;
import dev.sglp.family.convolution.StepSpec.NormalisingPlaces;
import dev.sglp.family.convolution.StepSpec.Scaling;
import dev.sglp.family.convolution.StepSpec;
import dev.sglp.model.convolution.step.Activation;
import dev.sglp.model.convolution.step.Draw;
import dev.sglp.model.convolution.step.Sliding;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// What ConvNeXts are made of (Liu 2022, arXiv 2201.03545), by whatever names.
///
/// @param depthwise names of a block's tensors, behind the block's own: its first convolution, norm, two maps and factors
record ConvNeXtParts(String depthwise, String norm, String up, String down, String scale) {
    static final double EPSILON = 1e-6;
    private static final double INITIAL = 1e-6;
    private static final Draw DRAW = Draw.of(0.02);

    /// A convolution whose stride is its window, with the norm before or behind it.
    static List<StepSpec> patches(ConvolutionHeader header, Place place, List<String> names, boolean normFirst)
            throws IOException {
        var shape = header.convolution(place.before() + "." + names.getFirst());
        var convolution = Convolving.of(place.name(names.getFirst()), shape, Sliding.by(shape.getLast(), 0), true,
                DRAW);
        var norm = new NormalisingPlaces(place.name(names.getLast()),
                normFirst ? convolution.in() : convolution.out(), EPSILON);
        return normFirst ? List.of(norm, convolution) : List.of(convolution, norm);
    }

    /// @param channels that come in
    /// @param prefix   of its tensors in this file
    BlockSpec block(ConvolutionHeader header, Place place, String prefix, long channels) throws IOException {
        var around = header.convolution(prefix + depthwise);
        var raised = header.shape(prefix + up + ".weight");
        int axes = raised.size() - 2;
        long inner = raised.getFirst();
        var branch = new ArrayList<StepSpec>();
        branch.add(new Convolving(place.name(depthwise), channels, channels, around.getLast(),
                new Sliding(1, around.getLast() / 2, channels), true, 2, DRAW));
        branch.add(new NormalisingPlaces(place.name(norm), channels, EPSILON));
        branch.add(new Convolving(place.name(up), channels, inner, 1, Sliding.by(1, 0), true, axes, DRAW));
        branch.add(new Bending(Activation.GELU));
        branch.add(new Convolving(place.name(down), inner, channels, 1, Sliding.by(1, 0), true, axes, DRAW));
        if (header.has(prefix + scale)) {
            branch.add(new Scaling(place.name(scale), header.shape(prefix + scale), INITIAL));
        }
        return BlockSpec.at(place, branch, new ShortcutSpec.Identity(), Activation.NONE);
    }

    static List<StepSpec> head(ConvolutionHeader header, String norm, String linear, long channels)
            throws IOException {
        return List.of(new Mean(1), new NormalisingPlaces(Name.of(norm), channels, EPSILON),
                new Classifying(Name.of(linear), channels, header.shape(linear + ".weight", 2).getFirst(), DRAW));
    }

    /// The usual sizes' names.
    static String size(List<Integer> depths, long width) {
        return switch (depths.toString() + width) {
            case "[2, 2, 6, 2]40" -> "ConvNeXt-Atto";
            case "[2, 2, 6, 2]48" -> "ConvNeXt-Femto";
            case "[2, 2, 6, 2]64" -> "ConvNeXt-Pico";
            case "[2, 2, 8, 2]80" -> "ConvNeXt-Nano";
            case "[3, 3, 9, 3]96" -> "ConvNeXt-Tiny";
            case "[3, 3, 27, 3]96" -> "ConvNeXt-Small";
            case "[3, 3, 27, 3]128" -> "ConvNeXt-Base";
            case "[3, 3, 27, 3]192" -> "ConvNeXt-Large";
            default -> "ConvNeXt";
        };
    }
}
