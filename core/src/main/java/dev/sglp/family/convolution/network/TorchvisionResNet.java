package dev.sglp.family.convolution.network;

import dev.sglp.family.convolution.Blueprint;
import dev.sglp.family.convolution.ConvolutionFamily;
import dev.sglp.family.convolution.ConvolutionHeader;
import dev.sglp.family.convolution.Name;
import dev.sglp.family.convolution.StepSpec.Bending;
import dev.sglp.family.convolution.StepSpec.Classifying;
import dev.sglp.family.convolution.StepSpec.Convolving;
import dev.sglp.family.convolution.StepSpec.Largest;
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
import java.util.regex.Pattern;

/// torchvision's ResNets, wide ResNets (arXiv 1605.07146) and ResNeXt (arXiv 1611.05431), by the names that timm uses too.
public final class TorchvisionResNet implements ConvolutionFamily {
    private static final ResidualStages STAGES = new ResidualStages("downsample", false, Preactivation.NONE,
            Draw.FAN_OUT);
    private static final Pattern KNOWN = Pattern.compile(
            "(tv_|gluon_|ssl_|swsl_)?(resnet|wide_resnet|resnext)\\d+(_2|_v1b|_\\d+x\\d+d)?(\\..*)?");
    private static final int USUAL = 7;

    @Override
    public String name() {
        return "torchvision-resnet";
    }

    @Override
    public String title() {
        return "ResNet of torchvision";
    }

    @Override
    public String source() {
        return "He et al. 2015, arXiv 1512.03385; torchvision";
    }

    @Override
    public String mark() {
        return "layer2.0.conv1.weight";
    }

    @Override
    public boolean isOne(Predicate<String> has) {
        return has.test("conv1.weight") && has.test("layer4.0.conv1.weight") && has.test("fc.weight");
    }

    @Override
    public int pixels() {
        return 224;
    }

    @Override
    public Told told(ConvolutionHeader header) throws IOException {
        header.timm(KNOWN);
        var first = header.window("conv1");
        long side = first.getLast();
        checkStem(header, side);
        int stride = header.config().count(TorchvisionResNetForm.STRIDE, 2);
        var stem = new ArrayList<StepSpec>();
        stem.add(Convolving.of(Name.of("conv1"), first, Sliding.by(stride, side / 2), false,
                Draw.FAN_OUT));
        stem.add(new Normalising(Name.of("bn1"), first.getFirst(), ResidualStages.EPSILON));
        stem.add(new Bending(Activation.RELU));
        if (header.config().flag(TorchvisionResNetForm.POOLING, true)) {
            stem.add(new Largest(3, Sliding.by(2, 1)));
        }
        var blocks = STAGES.read(header, first.getFirst());
        long last = ResidualStages.last(blocks, first.getFirst());
        var head = List.<StepSpec>of(new Mean(1), new Classifying(Name.of("fc"), last,
                header.shape("fc.weight", 2).getFirst(), Draw.of(Math.sqrt(1.0 / (3 * last)))));
        return new Told(new Blueprint(stem, blocks, head, Map.of()), new TorchvisionResNetForm());
    }

    /// A small window tells that the stem is not torchvision's, and nothing shows what it is.
    private static void checkStem(ConvolutionHeader header, long side) throws IOException {
        if (side != USUAL && (header.config().value(TorchvisionResNetForm.STRIDE).isEmpty()
                || header.config().value(TorchvisionResNetForm.POOLING).isEmpty())) {
            throw new IOException(
                    "[%s] conv1 has a window of %d, torchvision's has 7: no tensor shows its stride and whether a pooling follows. A config.json beside it has to say '%s' and '%s', for CIFAR mostly 1 and false, and 'input_size'"
                            .formatted(header.file(), side, TorchvisionResNetForm.STRIDE,
                                    TorchvisionResNetForm.POOLING));
        }
    }
}
