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

/// torchvision's MobileNetV2 (Sandler 2018, arXiv 1801.04381): inverted residuals with linear bottlenecks.
public final class TorchvisionMobileNetV2 implements ConvolutionFamily {
    static final String FEATURES = "features.";
    private static final double EPSILON = 1e-5;
    /// Of torchvision's 17 blocks; tensors do not show them.
    private static final List<Integer> STRIDES = List.of(1, 2, 1, 2, 1, 1, 2, 1, 1, 1, 1, 1, 1, 2, 1, 1, 1);

    @Override
    public String name() {
        return "torchvision-mobilenet-v2";
    }

    @Override
    public String title() {
        return "MobileNetV2 of torchvision";
    }

    @Override
    public String source() {
        return "Sandler et al. 2018, arXiv 1801.04381; torchvision";
    }

    @Override
    public String mark() {
        return "features.1.conv.0.0.weight";
    }

    @Override
    public boolean isOne(Predicate<String> has) {
        return has.test("features.0.0.weight") && has.test("classifier.1.weight");
    }

    @Override
    public int pixels() {
        return 224;
    }

    @Override
    public Told told(ConvolutionHeader header) throws IOException {
        var first = header.convolution("features.0.0");
        var stem = unit(new Place("features.0", 0), "1", Convolving.of(Name.of("features.0.0"), first,
                Sliding.by(2, first.getLast() / 2), false, Draw.FAN_OUT), true);
        int count = header.depth(FEATURES, 1, ".conv.0.0.weight");
        var strides = strides(header, count);
        var blocks = new ArrayList<BlockSpec>();
        long in = first.getFirst();
        for (int i = 0; i < count; i++) {
            var block = block(header, FEATURES + (i + 1) + ".conv.", in, strides.get(i));
            blocks.add(block);
            in = block.convolutions().getLast().out();
        }
        var place = Place.in(FEATURES);
        var last = header.convolution(FEATURES + (count + 1) + ".0");
        var classes = header.shape("classifier.1.weight", 2);
        var head = new ArrayList<>(unit(place, "1", new Convolving(place.name("0"), in, last.getFirst(),
                1, Sliding.by(1, 0), false, 2, Draw.FAN_OUT), true));
        head.add(new Mean(1));
        head.add(new Classifying(Name.of("classifier.1"), last.getFirst(), classes.getFirst(), Draw.of(0.01)));
        return new Told(new Blueprint(stem, blocks, head, Map.of(FEATURES, 1)), new MobileNetV2Form());
    }

    private static List<StepSpec> unit(Place place, String norm, Convolving made, boolean bends) {
        var normed = new Normalising(place.name(norm), made.out(), EPSILON);
        return bends ? List.of(made, normed, new Bending(Activation.RELU6)) : List.of(made, normed);
    }

    /// @param prefix of its tensors in this file
    private static BlockSpec block(ConvolutionHeader header, String prefix, long in, int stride) throws IOException {
        var place = Place.in(FEATURES);
        var branch = new ArrayList<StepSpec>();
        boolean expands = header.has(prefix + "3.weight");
        long inner = header.convolution(prefix + "0.0").getFirst();
        if (expands) {
            branch.addAll(unit(place, "conv.0.1", new Convolving(place.name("conv.0.0"), in, inner, 1,
                    Sliding.by(1, 0), false, 2, Draw.FAN_OUT), true));
        }
        int number = expands ? 1 : 0;
        branch.addAll(unit(place, "conv.%d.1".formatted(number), new Convolving(
                place.name("conv.%d.0".formatted(number)), inner, inner, 3, new Sliding(stride, 1, inner), false, 2,
                Draw.FAN_OUT), true));
        long out = header.convolution(prefix + (number + 1)).getFirst();
        branch.addAll(unit(place, "conv.%d".formatted(number + 2), new Convolving(
                place.name("conv.%d".formatted(number + 1)), inner, out, 1, Sliding.by(1, 0), false, 2, Draw.FAN_OUT),
                false));
        return BlockSpec.at(place, branch,
                stride == 1 && in == out ? new ShortcutSpec.Identity() : new ShortcutSpec.None(), Activation.NONE);
    }

    /// By the configuration, or torchvision's own.
    private static List<Integer> strides(ConvolutionHeader header, int count) throws IOException {
        var said = MobileNetV2Form.strides(header.config());
        if (said.isEmpty() && count == STRIDES.size()) {
            return STRIDES;
        }
        if (said.size() != count) {
            throw header.config().wrong(MobileNetV2Form.SETTING,
                    "torchvision's rows [t, c, n, s] of %d blocks, since tensors show no strides".formatted(count),
                    said.isEmpty() ? null : said.size() + " blocks");
        }
        return said;
    }
}
