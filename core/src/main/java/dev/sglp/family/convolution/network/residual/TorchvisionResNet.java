package dev.sglp.family.convolution.network.residual;

import dev.sglp.family.convolution.Blueprint;
import dev.sglp.family.convolution.ConvolutionFamily;
import dev.sglp.family.convolution.ConvolutionHeader;
import dev.sglp.family.convolution.ConvolutionHeader.Known;
import dev.sglp.family.convolution.Steps;
import dev.sglp.family.convolution.network.residual.ResidualStages.Preactivation;
import dev.sglp.model.convolution.step.Activation;
import dev.sglp.model.convolution.step.Draw;
import dev.sglp.model.convolution.step.Sliding;
import java.io.IOException;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/// torchvision's ResNets, wide ResNets (arXiv 1605.07146) and ResNeXt (arXiv 1611.05431), by the names that timm uses too.
public final class TorchvisionResNet implements ConvolutionFamily {
    private static final ResidualStages STAGES = new ResidualStages("downsample", false, Preactivation.NONE,
            Draw.FAN_OUT);
    private static final Known KNOWN = new Known(Pattern.compile(
            "(tv_|gluon_|ssl_|swsl_)?(resnet|wide_resnet|resnext)\\d+(_2|_v1b|_\\d+x\\d+d)?(\\..*)?"),
            "a ResNet of timm that is torchvision's too (resnet50, wide_resnet50_2, resnext50_32x4d, …)");
    private static final Set<String> SHOWN = Set.of("layers", "channels", "cardinality", "base_width",
            "drop_block_rate", "zero_init_last");
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
    public Told told(ConvolutionHeader header) throws IOException {
        header.timm(KNOWN, SHOWN);
        checkStem(header, header.window("conv1").getLast());
        var stem = Steps.of(header, header.channels("conv1"), Draw.FAN_OUT)
                .window("conv1", header.config().count(TorchvisionResNetForm.STRIDE, 2)).norm("bn1")
                .bend(Activation.RELU);
        if (header.config().flag(TorchvisionResNetForm.POOLING, true)) {
            stem.largest(3, Sliding.by(2, 1));
        }
        var blocks = STAGES.read(header, stem.channels());
        long last = ResidualStages.last(blocks, stem.channels());
        var head = Steps.of(header, last, Draw.FAN_OUT).mean().classify("fc", Draw.of(Math.sqrt(1.0 / (3 * last))));
        return new Told(new Blueprint(stem.all(), blocks, head.all(), Map.of()), new TorchvisionResNetForm());
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
