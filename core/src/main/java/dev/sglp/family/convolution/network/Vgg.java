package dev.sglp.family.convolution.network;

import dev.sglp.family.convolution.BlockSpec;
import dev.sglp.family.convolution.Blueprint;
import dev.sglp.family.convolution.ConvolutionFamily;
import dev.sglp.family.convolution.ConvolutionHeader;
import dev.sglp.family.convolution.Name.Place;
import dev.sglp.family.convolution.Name;
import dev.sglp.family.convolution.ShortcutSpec;
import dev.sglp.family.convolution.StepSpec.Bending;
import dev.sglp.family.convolution.StepSpec.Classifying;
import dev.sglp.family.convolution.StepSpec.Convolving;
import dev.sglp.family.convolution.StepSpec.Largest;
import dev.sglp.family.convolution.StepSpec.Mean;
import dev.sglp.family.convolution.StepSpec.Normalising;
import dev.sglp.family.convolution.StepSpec;
import dev.sglp.model.convolution.step.Activation;
import dev.sglp.model.convolution.step.Draw;
import dev.sglp.model.convolution.step.Sliding;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/// VGG-11 to VGG-19 with and without batch norm (Simonyan 2014, arXiv 1409.1556), as torchvision names them, with its classifier, or
/// for CIFAR with another. A layer is a convolution with its norm and rectifier and the pooling before it; what goes need not
/// be residual.
public final class Vgg implements ConvolutionFamily {
    static final String FEATURES = "features.";
    private static final double EPSILON = 1e-5;
    private static final List<List<String>> CLASSIFIERS = List.of(
            List.of("classifier.0", "classifier.3", "classifier.6"),
            List.of("classifier.1", "classifier.4", "classifier.6"), List.of("classifier"));

    @Override
    public String name() {
        return "vgg";
    }

    @Override
    public String title() {
        return "VGG";
    }

    @Override
    public String source() {
        return "Simonyan and Zisserman 2014, arXiv 1409.1556; torchvision";
    }

    @Override
    public String mark() {
        return "features.0.weight";
    }

    @Override
    public boolean isOne(Predicate<String> has) {
        return CLASSIFIERS.stream().anyMatch(names -> names.stream().allMatch(n -> has.test(n + ".weight")));
    }

    @Override
    public int pixels() {
        return 224;
    }

    @Override
    public int pixels(ConvolutionHeader header) {
        return header.has("classifier.0.weight") ? 224 : 32;
    }

    @Override
    public Told told(ConvolutionHeader header) throws IOException {
        boolean normed = header.has("features.1.running_mean");
        int takes = normed ? 3 : 2;
        var at = positions(header, takes);
        var first = unit(header, new Place("features.", 0), 0, normed);
        var blocks = new ArrayList<BlockSpec>();
        for (int i = 1; i < at.size(); i++) {
            int pools = at.get(i) - at.get(i - 1) - takes; // one or none stands between
            var place = new Place(FEATURES, takes + pools);
            var branch = new ArrayList<>(unit(header, place, at.get(i), normed));
            if (pools > 0) {
                branch.addFirst(new Largest(2, Sliding.by(2, 0)));
            }
            blocks.add(new BlockSpec(place, place.plus(pools), branch, new ShortcutSpec.None(), Activation.RELU));
        }
        var stem = new ArrayList<>(first);
        stem.add(new Bending(Activation.RELU));
        return new Told(
                new Blueprint(stem, blocks, head(header, header.window(FEATURES + at.getLast())),
                        Map.of(FEATURES, takes)),
                new VggForm(normed));
    }

    /// The numbers of the convolutions: each takes its own, its norm's and its rectifier's; a pooling takes one more.
    private static List<Integer> positions(ConvolutionHeader header, int takes) {
        var found = new ArrayList<Integer>();
        int at = 0;
        while (header.has(FEATURES + at + ".weight")) {
            found.add(at);
            int next = at + takes;
            at = header.has(FEATURES + next + ".weight") ? next : next + 1;
        }
        return found;
    }

    /// A convolution and its norm.
    ///
    /// @param at the convolution's number in this file
    private static List<StepSpec> unit(ConvolutionHeader header, Place place, int at, boolean normed)
            throws IOException {
        var shape = header.window(FEATURES + at);
        long side = shape.size() == 3 ? shape.getLast() : 3; // of signals of any length
        int ahead = place.numbers() - (normed ? 3 : 2);
        var names = new Name[]{at == 0 ? Name.of("features.0") : place.plus(ahead),
                at == 0 ? Name.of("features.1") : place.plus(ahead + 1)};
        var convolution = new Convolving(names[0], shape.get(1), shape.getFirst(), side, Sliding.by(1, side / 2),
                header.has(FEATURES + at + ".bias"), shape.size() - 2, Draw.FAN_OUT);
        return normed
                ? List.of(convolution, new Normalising(names[1], shape.getFirst(), EPSILON))
                : List.of(convolution);
    }

    private static List<StepSpec> head(ConvolutionHeader header, List<Long> last) throws IOException {
        var names = CLASSIFIERS.stream().filter(all -> all.stream().allMatch(n -> header.has(n + ".weight")))
                .findFirst().orElseThrow();
        long in = header.shape(names.getFirst() + ".weight", 2).get(1);
        long channels = last.getFirst();
        boolean line = last.size() == 3;
        double ratio = (double) in / channels;
        long parts = Math.max(1, Math.round(line ? ratio : Math.sqrt(ratio)));
        var head = new ArrayList<StepSpec>();
        if (VggForm.poolsAtTheEnd(header.config())) {
            head.add(new Largest(2, Sliding.by(2, 0)));
        }
        head.add(new Mean(parts));
        long from = channels * parts * (line ? 1 : parts);
        for (int i = 0; i < names.size(); i++) {
            if (i > 0) {
                head.add(new Bending(Activation.RELU));
            }
            long to = header.shape(names.get(i) + ".weight", 2).getFirst();
            head.add(new Classifying(Name.of(names.get(i)), from, to, Draw.of(0.01)));
            from = to;
        }
        return head;
    }
}
