package dev.sglp.family.convolution.network;

import dev.sglp.family.convolution.BlockSpec;
import dev.sglp.family.convolution.Blueprint;
import dev.sglp.family.convolution.ConvolutionFamily;
import dev.sglp.family.convolution.ConvolutionHeader;
import dev.sglp.family.convolution.Name.Place;
import dev.sglp.family.convolution.ShortcutSpec;
import dev.sglp.family.convolution.Steps;
import dev.sglp.model.convolution.step.Activation;
import dev.sglp.model.convolution.step.Draw;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/// torchvision's MobileNetV2 (Sandler 2018, arXiv 1801.04381): inverted residuals with linear bottlenecks.
public final class TorchvisionMobileNetV2 implements ConvolutionFamily {
    static final String FEATURES = "features.";

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
    public Told told(ConvolutionHeader header) throws IOException {
        var stem = Steps.in(header, new Place("features.0", 0), "features.0.", header.channels("features.0.0"),
                Draw.FAN_OUT).window("0", 2).norm("1").bend(Activation.RELU6);
        int count = header.depth(FEATURES, 1, ".conv.0.0.weight");
        var strides = MobileNetV2Form.strides(header.config(), count);
        var blocks = new ArrayList<BlockSpec>();
        long in = stem.channels();
        for (int i = 0; i < count; i++) {
            var branch = branch(header, FEATURES + (i + 1) + ".", in, strides.get(i));
            boolean same = strides.get(i) == 1 && in == branch.channels();
            blocks.add(BlockSpec.at(Place.in(FEATURES), branch.all(),
                    same ? new ShortcutSpec.Identity() : new ShortcutSpec.None(), Activation.NONE));
            in = branch.channels();
        }
        var head = Steps.in(header, Place.in(FEATURES), FEATURES + (count + 1) + ".", in, Draw.FAN_OUT).pixels("0")
                .norm("1").bend(Activation.RELU6).mean().classify("classifier.1", Draw.of(0.01));
        return new Told(new Blueprint(stem.all(), blocks, head.all(), Map.of(FEATURES, 1)), new MobileNetV2Form());
    }

    /// @param prefix of its tensors in this file
    private static Steps branch(ConvolutionHeader header, String prefix, long in, int stride) throws IOException {
        var steps = Steps.in(header, Place.in(FEATURES), prefix, in, Draw.FAN_OUT);
        boolean expands = header.has(prefix + "conv.3.weight");
        if (expands) {
            steps.pixels("conv.0.0").norm("conv.0.1").bend(Activation.RELU6);
        }
        var names = expands ? List.of("conv.1.", "conv.2", "conv.3") : List.of("conv.0.", "conv.1", "conv.2");
        return steps.depthwise(names.getFirst() + 0, 3, stride).norm(names.getFirst() + 1).bend(Activation.RELU6)
                .pixels(names.get(1)).norm(names.getLast());
    }
}
