package dev.sglp.family.convolution.network;

import dev.sglp.family.convolution.Blueprint;
import dev.sglp.family.convolution.ConvolutionFamily;
import dev.sglp.family.convolution.ConvolutionHeader;
import dev.sglp.family.convolution.Name;
import dev.sglp.family.convolution.StepSpec.Bending;
import dev.sglp.family.convolution.StepSpec.Classifying;
import dev.sglp.family.convolution.StepSpec.Convolving;
import dev.sglp.family.convolution.StepSpec.Mean;
import dev.sglp.family.convolution.StepSpec.Normalising;
import dev.sglp.family.convolution.StepSpec;
import dev.sglp.family.convolution.network.ResidualStages.Preactivation;
import dev.sglp.model.convolution.step.Activation;
import dev.sglp.model.convolution.step.Draw;
import dev.sglp.model.convolution.step.Sliding;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/// CIFAR ResNets whose norms and rectifiers stand before the convolutions (He 2016, arXiv 1603.05027). A block's own shortcut, one
/// convolution, begins behind its first norm; where it is named `downsample` it begins with the block, and a norm stands before
/// the classifier.
public final class PreActResNet implements ConvolutionFamily {
    @Override
    public String name() {
        return "preact-resnet";
    }

    @Override
    public String title() {
        return "pre-activation ResNet";
    }

    @Override
    public String source() {
        return "He et al. 2016, arXiv 1603.05027";
    }

    @Override
    public String mark() {
        return "layer2.0.conv1.weight";
    }

    @Override
    public boolean isOne(Predicate<String> has) {
        return has.test("conv1.weight") && has.test("layer2.0.bn1.weight") && !has.test("bn1.weight")
                && !has.test("bn1.running_mean") && (has.test("linear.weight") || has.test("fc.weight"));
    }

    @Override
    public int pixels() {
        return 32;
    }

    @Override
    public Told told(ConvolutionHeader header) throws IOException {
        boolean shared = header.has("linear.weight");
        var kind = shared ? Preactivation.SHORTCUT_BEHIND : Preactivation.SHORTCUT_BEFORE;
        var linear = shared ? "linear" : "fc";
        var stages = new ResidualStages(shared ? "shortcut" : "downsample", false, kind, Draw.FAN_IN);
        var first = header.window("conv1");
        var blocks = stages.read(header, first.getFirst());
        long out = ResidualStages.last(blocks, first.getFirst());
        var head = new ArrayList<StepSpec>();
        if (!shared) {
            head.add(new Normalising(Name.of("bn"), out, ResidualStages.EPSILON));
            head.add(new Bending(Activation.RELU));
        }
        head.add(new Mean(1));
        head.add(new Classifying(Name.of(linear), out, header.shape(linear + ".weight", 2).getFirst(), Draw.FAN_IN));
        var stem = Convolving.of(Name.of("conv1"), first, Sliding.by(1, first.getLast() / 2), false, Draw.FAN_IN);
        return new Told(new Blueprint(List.of(stem), blocks, head, Map.of()),
                new CifarForm(ResidualStages.count(header), linear, kind));
    }
}
