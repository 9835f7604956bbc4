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

/// CIFAR ResNets 20, 32, 44, 56, 110, 1202 and whatever is left of them (He 2015, arXiv 1512.03385, section 4.2): a small
/// convolution, three stages of blocks or four, global average pooling and a linear head. Shortcuts are of kind A, without
/// parameters, or B, a convolution and a norm.
public final class CifarResNet implements ConvolutionFamily {
    private static final String LINEAR = "linear";
    private static final String OTHER_LINEAR = "fc";

    @Override
    public String name() {
        return "cifar-resnet";
    }

    @Override
    public String title() {
        return "CIFAR ResNet";
    }

    @Override
    public String source() {
        return "He et al. 2015, arXiv 1512.03385, section 4.2";
    }

    @Override
    public String mark() {
        return "layer2.0.conv1.weight";
    }

    @Override
    public boolean isOne(Predicate<String> has) {
        return has.test("conv1.weight") && (has.test("linear.weight")
                || has.test("fc.weight") && !has.test("layer4.0.conv1.weight"));
    }

    @Override
    public int pixels() {
        return 32;
    }

    @Override
    public Told told(ConvolutionHeader header) throws IOException {
        var linear = header.has("linear.weight") ? LINEAR : OTHER_LINEAR;
        var stages = new ResidualStages(header.has("layer2.0.downsample.0.weight") ? "downsample" : "shortcut", true,
                Preactivation.NONE, Draw.FAN_IN);
        var stem = Steps.of(header, header.channels("conv1"), Draw.FAN_IN).window("conv1", 1).norm("bn1")
                .bend(Activation.RELU);
        var blocks = stages.read(header, stem.channels());
        var head = Steps.of(header, ResidualStages.last(blocks, stem.channels()), Draw.FAN_IN).mean()
                .classify(linear, Draw.FAN_IN);
        return new Told(new Blueprint(stem.all(), blocks, head.all(), Map.of()),
                new CifarForm(ResidualStages.count(header), linear, Preactivation.NONE));
    }
}
