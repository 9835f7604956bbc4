package dev.sglp.family.convolution.network;

import dev.sglp.checkpoint.TensorInfo;
import dev.sglp.family.Architecture.Input.Image;
import dev.sglp.family.FreshNetwork;
import dev.sglp.family.config.ConfigFields;
import dev.sglp.family.convolution.Blueprint;
import dev.sglp.family.convolution.ConvolutionFamily;
import dev.sglp.family.convolution.ConvolutionHeader;
import dev.sglp.family.convolution.Name;
import dev.sglp.family.convolution.StepSpec.Bending;
import dev.sglp.family.convolution.StepSpec.Classifying;
import dev.sglp.family.convolution.StepSpec.Convolving;
import dev.sglp.family.convolution.StepSpec.Mean;
import dev.sglp.family.convolution.StepSpec.Normalising;
import dev.sglp.family.convolution.network.ResidualStages.Preactivation;
import dev.sglp.model.convolution.step.Activation;
import dev.sglp.model.convolution.step.Draw;
import dev.sglp.model.convolution.step.Sliding;
import dev.sglp.tensor.DType;
import dev.sglp.tensor.Seed;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/// CIFAR ResNets 20, 32, 44, 56, 110, 1202 and whatever is left of them (He 2015, arXiv 1512.03385, section 4.2): a small
/// convolution, three stages of blocks or four, global average pooling and a linear head. Shortcuts are of kind A, without
/// parameters, or B, a convolution and a norm.
public final class CifarResNet implements ConvolutionFamily {
    private static final String LINEAR = "linear";
    private static final String OTHER_LINEAR = "fc";
    private static final int LEAST_STAGES = 3;

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
        var first = header.window("conv1");
        var blocks = stages.read(header, first.getFirst());
        var head = header.shape(linear + ".weight", 2);
        return new Told(
                new Blueprint(
                        List.of(Convolving.of(Name.of("conv1"), first, Sliding.by(1, first.getLast() / 2), false,
                                Draw.FAN_IN),
                                new Normalising(Name.of("bn1"), first.getFirst(), ResidualStages.EPSILON),
                                new Bending(Activation.RELU)),
                        blocks,
                        List.of(new Mean(1),
                                new Classifying(Name.of(linear), ResidualStages.last(blocks, first.getFirst()),
                                        head.getFirst(), Draw.FAN_IN)),
                        Map.of()),
                new CifarForm(ResidualStages.count(header), linear, Preactivation.NONE));
    }

    /// @param depths blocks a stage, three numbers of at least 1, for instance 9, 9, 9
    /// @param widths channels a stage, three numbers that double, for instance 16, 32, 64
    public record Size(List<Integer> depths, List<Long> widths) {
        public Size {
            depths = List.copyOf(depths);
            widths = List.copyOf(widths);
            if (depths.size() != LEAST_STAGES || widths.size() != LEAST_STAGES || depths.stream().anyMatch(d -> d < 1)
                    || widths.stream().anyMatch(w -> w < 1)) {
                throw new IllegalArgumentException(
                        "a CIFAR ResNet has three stages of at least one block and one channel, got depths %s and widths %s"
                                .formatted(depths, widths));
            }
        }

        /// Its convolutions and head.
        private Map<String, TensorInfo> tensors(long channels, long classes) {
            var all = new LinkedHashMap<String, TensorInfo>();
            put(all, "conv1.weight", widths.getFirst(), channels, 3, 3);
            long in = widths.getFirst();
            for (int s = 1; s <= LEAST_STAGES; s++) {
                long out = widths.get(s - 1);
                for (int i = 0; i < depths.get(s - 1); i++) {
                    put(all, ResidualStages.stage(s) + i + ".conv1.weight", out, in, 3, 3);
                    put(all, ResidualStages.stage(s) + i + ".conv2.weight", out, out, 3, 3);
                    in = out;
                }
            }
            put(all, "linear.weight", classes, in);
            return all;
        }

        private static void put(Map<String, TensorInfo> all, String name, long... shape) {
            all.put(name, new TensorInfo(name, DType.F32, java.util.Arrays.stream(shape).boxed().toList()));
        }
    }

    /// A network with random weights and shortcuts of kind A: convolutions and the head Kaiming-normal, norms 1 and 0.
    ///
    /// @param seed what is drawn for a tensor depends on it and on the tensor's name alone
    public static FreshNetwork fresh(Size size, Image input, List<String> classNames, Seed seed) {
        var family = new CifarResNet();
        try {
            var told = family.told(new ConvolutionHeader("fresh", family.title(),
                    size.tensors(input.channels(), classNames.size()), new ConfigFields("fresh", Map.of())));
            return family.fresh(told, input, classNames, seed);
        } catch (IOException e) {
            throw new IllegalStateException("the header was made here", e);
        }
    }
}
