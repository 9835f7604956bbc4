package dev.sglp.family.convolution.network.residual;

import dev.sglp.checkpoint.TensorInfo;
import dev.sglp.family.Architecture.Input.Image;
import dev.sglp.family.FreshNetwork;
import dev.sglp.family.config.ConfigFields;
import dev.sglp.family.convolution.ConvolutionHeader;
import dev.sglp.tensor.DType;
import dev.sglp.tensor.Seed;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// CIFAR ResNets of any size that no file holds: three stages, shortcuts of kind A.
///
/// @param depths blocks a stage, three numbers of at least 1, for instance 9, 9, 9
/// @param widths channels a stage, three numbers that double, for instance 16, 32, 64
public record FreshResNet(List<Integer> depths, List<Long> widths) {
    private static final int STAGES = 3;

    public FreshResNet {
        depths = List.copyOf(depths);
        widths = List.copyOf(widths);
        if (depths.size() != STAGES || widths.size() != STAGES || depths.stream().anyMatch(d -> d < 1)
                || widths.stream().anyMatch(w -> w < 1)) {
            throw new IllegalArgumentException(
                    "a CIFAR ResNet has three stages of at least one block and one channel, got depths %s and widths %s"
                            .formatted(depths, widths));
        }
    }

    /// One with random weights: convolutions and the head Kaiming-normal, norms 1 and 0.
    ///
    /// @param seed what is drawn for a tensor depends on it and on the tensor's name alone
    public FreshNetwork drawn(Image input, List<String> classNames, Seed seed) {
        var family = new CifarResNet();
        try {
            var told = family.told(new ConvolutionHeader("fresh", family.title(),
                    tensors(input.channels(), classNames.size()), new ConfigFields("fresh", Map.of())));
            return family.fresh(told, input, classNames, seed);
        } catch (IOException e) {
            throw new IllegalStateException("the header was made here", e);
        }
    }

    /// Its convolutions and head.
    private Map<String, TensorInfo> tensors(long channels, long classes) {
        var all = new LinkedHashMap<String, TensorInfo>();
        put(all, "conv1.weight", List.of(widths.getFirst(), channels, 3L, 3L));
        long in = widths.getFirst();
        for (int s = 1; s <= STAGES; s++) {
            long out = widths.get(s - 1);
            for (int i = 0; i < depths.get(s - 1); i++) {
                put(all, ResidualStages.stage(s) + i + ".conv1.weight", List.of(out, in, 3L, 3L));
                put(all, ResidualStages.stage(s) + i + ".conv2.weight", List.of(out, out, 3L, 3L));
                in = out;
            }
        }
        put(all, "linear.weight", List.of(classes, in));
        return all;
    }

    private static void put(Map<String, TensorInfo> all, String name, List<Long> shape) {
        all.put(name, new TensorInfo(name, DType.F32, shape));
    }
}
