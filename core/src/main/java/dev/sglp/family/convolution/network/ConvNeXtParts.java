package dev.sglp.family.convolution.network;

import dev.sglp.family.convolution.BlockSpec;
import dev.sglp.family.convolution.Blueprint;
import dev.sglp.family.convolution.ConvolutionFamily.Told;
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
import java.util.Map;
import java.util.stream.IntStream;

/// What ConvNeXts are made of (Liu 2022, arXiv 2201.03545), by whatever names.
///
/// @param depthwise names of a block's tensors, behind the block's own: its first convolution, norm, two maps and factors
record ConvNeXtParts(String depthwise, String norm, String up, String down, String scale) {
    private static final double EPSILON = 1e-6;
    private static final double INITIAL = 1e-6;
    private static final Draw DRAW = Draw.of(0.02);

    /// What stages are called, by their numbers from 0 on.
    ///
    /// @param stem    the stem's
    /// @param halving what halves the image before a stage, of its number `step`-fold
    /// @param blocks  what stands before a block's number, of its stage's number `step`-fold and `first`
    record Stages(String stem, String halving, String blocks, int first, int step) {
        String halving(int stage) {
            return halving.formatted(step * stage);
        }

        String blocks(int stage) {
            return blocks.formatted(first + step * stage);
        }

        int count(ConvolutionHeader header) {
            return 1 + (int) IntStream.iterate(1, i -> header.has(halving(i) + ".1.weight"), i -> i + 1).count();
        }
    }

    /// The whole network. What halves the image is a layer that stays.
    ///
    /// @param norm   the head's
    /// @param linear the head's
    Told told(ConvolutionHeader header, Stages named, String norm, String linear) throws IOException {
        var stem = patches(header, new Place(named.stem, 0), List.of("0", "1"), false);
        long channels = ((Convolving) stem.getFirst()).out();
        var blocks = new ArrayList<BlockSpec>();
        int stages = named.count(header);
        for (int stage = 0; stage < stages; stage++) {
            if (stage > 0) {
                var place = new Place(named.halving(stage), 0);
                blocks.add(BlockSpec.at(place, patches(header, place, List.of("1", "0"), true),
                        new ShortcutSpec.None(), Activation.NONE));
                channels = blocks.getLast().convolutions().getFirst().out();
            }
            var before = named.blocks(stage);
            int depth = header.depth(before, 0, "." + depthwise + ".weight");
            for (int i = 0; i < depth; i++) {
                blocks.add(block(header, Place.in(before), before + i + ".", channels));
            }
        }
        return new Told(new Blueprint(stem, blocks, head(header, norm, linear, channels), Map.of()),
                new ConvNeXtForm(named, stages));
    }

    /// A convolution whose stride is its window, with the norm before or behind it.
    private static List<StepSpec> patches(ConvolutionHeader header, Place place, List<String> names, boolean normFirst)
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
    private BlockSpec block(ConvolutionHeader header, Place place, String prefix, long channels) throws IOException {
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

    private static List<StepSpec> head(ConvolutionHeader header, String norm, String linear, long channels)
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
