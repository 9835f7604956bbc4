package dev.sglp.family.convolution.network.residual;

import dev.sglp.family.convolution.Blueprint;
import dev.sglp.family.convolution.ConvolutionFamily;
import dev.sglp.family.convolution.ConvolutionHeader;
import dev.sglp.family.convolution.Steps;
import dev.sglp.family.convolution.network.residual.ResidualStages.Preactivation;
import dev.sglp.model.convolution.step.Activation;
import dev.sglp.model.convolution.step.Draw;
import java.io.IOException;
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
        var stem = Steps.of(header, header.channels("conv1"), Draw.FAN_IN).window("conv1", 1);
        var blocks = stages.read(header, stem.channels());
        var head = Steps.of(header, ResidualStages.last(blocks, stem.channels()), Draw.FAN_IN);
        if (!shared) {
            head.norm("bn").bend(Activation.RELU);
        }
        head.mean().classify(linear, Draw.FAN_IN);
        return new Told(new Blueprint(stem.all(), blocks, head.all(), Map.of()),
                new CifarForm(ResidualStages.count(header), linear, kind));
    }
}
