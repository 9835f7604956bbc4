package dev.sglp.family.convolution.network;

import dev.sglp.family.convolution.BlockSpec;
import dev.sglp.family.convolution.Blueprint;
import dev.sglp.family.convolution.ConvolutionFamily;
import dev.sglp.family.convolution.ConvolutionHeader;
import dev.sglp.family.convolution.Name.Place;
import dev.sglp.family.convolution.Name;
import dev.sglp.family.convolution.ShortcutSpec;
import dev.sglp.family.convolution.Steps;
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
    private static final String FIRST = "features.0";
    private static final String NORM = "features.1";
    private static final int IMAGENET_PLACES = 7 * 7;
    private static final Sliding HALVING = Sliding.by(2, 0);
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

    /// ImageNet's where the classifier looks at 7 × 7 places, CIFAR's where it looks at fewer.
    @Override
    public int pixels(ConvolutionHeader header) throws IOException {
        var last = positions(header, header.has(NORM + ".running_mean") ? 3 : 2).getLast();
        double channels = header.window(FEATURES + last).getFirst();
        return places(header, classifier(header), channels) >= IMAGENET_PLACES ? 224 : 32;
    }

    private static List<String> classifier(ConvolutionHeader header) {
        return CLASSIFIERS.stream().filter(all -> all.stream().allMatch(n -> header.has(n + ".weight"))).findFirst()
                .orElseThrow();
    }

    /// How many places of each channel a classifier looks at.
    private static double places(ConvolutionHeader header, List<String> classifier, double channels)
            throws IOException {
        return header.shape(classifier.getFirst() + ".weight", 2).get(1) / channels;
    }

    @Override
    public Told told(ConvolutionHeader header) throws IOException {
        boolean normed = header.has(NORM + ".running_mean");
        int takes = normed ? 3 : 2;
        var at = positions(header, takes);
        var stem = unit(header, new Steps(header, n -> Name.of(FEATURES + n), FEATURES, header.channels(FIRST),
                Draw.FAN_OUT), 0).bend(Activation.RELU);
        var blocks = new ArrayList<BlockSpec>();
        long in = stem.channels();
        for (int i = 1; i < at.size(); i++) {
            int number = at.get(i);
            int pools = number - at.get(i - 1) - takes; // one or none stands between
            var place = new Place(FEATURES, takes + pools);
            var branch = new Steps(header, n -> place.plus(pools + Integer.parseInt(n) - number), FEATURES, in,
                    Draw.FAN_OUT);
            if (pools > 0) {
                branch.largest(2, HALVING);
            }
            blocks.add(new BlockSpec(place, place.plus(pools), unit(header, branch, number).all(),
                    new ShortcutSpec.None(), Activation.RELU));
            in = branch.channels();
        }
        return new Told(new Blueprint(stem.all(), blocks, head(header, in).all(), Map.of(FEATURES, takes)),
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
    private static Steps unit(ConvolutionHeader header, Steps steps, int at) throws IOException {
        var shape = header.window(FEATURES + at);
        long side = shape.size() == 3 ? shape.getLast() : 3; // of signals of any length
        steps.convolve(String.valueOf(at), side, Sliding.by(1, side / 2), header.has(FEATURES + at + ".bias"));
        return header.has(NORM + ".running_mean") ? steps.norm(String.valueOf(at + 1)) : steps;
    }

    private static Steps head(ConvolutionHeader header, long channels) throws IOException {
        var names = classifier(header);
        int axes = header.window(FIRST).size() - 2;
        double ratio = places(header, names, channels);
        var head = Steps.of(header, channels, Draw.FAN_OUT);
        if (VggForm.poolsAtTheEnd(header.config())) {
            head.largest(2, HALVING);
        }
        head.means(Math.max(1, Math.round(axes == 1 ? ratio : Math.sqrt(ratio))), axes);
        for (var name : names) {
            if (!name.equals(names.getFirst())) {
                head.bend(Activation.RELU);
            }
            head.classify(name, Draw.of(0.01));
        }
        return head;
    }
}
