package dev.sglp.family;

import dev.sglp.checkpoint.TensorInfo;
import dev.sglp.checkpoint.Weights;
import dev.sglp.family.config.ConfigFields;
import dev.sglp.family.config.PreparationFields;
import dev.sglp.preparation.Preparation;
import dev.sglp.model.residual.Convolution;
import dev.sglp.tensor.DType;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Seed;
import dev.sglp.tensor.Tensors;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;

/// CIFAR ResNets 20, 32, 44, 56, 110, 1202 and whatever is left of them (He 2015, arXiv 1512.03385, section 4.2): a 3×3
/// convolution, three stages of basic blocks, global average pooling and a linear head. Shortcuts are of kind A: without
/// parameters, so a block that changes the shape subsamples and pads with zero channels.
public final class CifarResNet implements Family {
    static final String NAME = "cifar-resnet";
    static final int STAGES = 3;
    private static final List<Double> MEAN = List.of(.485, .456, .406);
    private static final List<Double> STD = List.of(.229, .224, .225);

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public String source() {
        return "He et al. 2015, arXiv 1512.03385, section 4.2";
    }

    @Override
    public List<NetworkPlace> places(Set<String> names, Map<String, Object> config) {
        return NetworkPlace.prefixes("linear.weight", names).stream().filter(at -> isOne(at, names))
                .map(at -> NetworkPlace.behind(at, names)).toList();
    }

    private static boolean isOne(String prefix, Set<String> names) {
        return names.contains(prefix + "conv1.weight") && names.contains(prefix + "linear.weight")
                && names.contains(prefix + "layer2.0.conv1.weight")
                && !names.contains(prefix + "layer4.0.conv1.weight");
    }

    @Override
    public Optional<Architecture> detect(String file, Map<String, TensorInfo> tensors, Map<String, Object> config)
            throws IOException {
        if (!isOne("", tensors.keySet())) {
            return Optional.empty();
        }
        var read = new Header(file, tensors);
        var depths = new ArrayList<Integer>();
        var widths = new ArrayList<Long>();
        for (int stage = 1; stage <= STAGES; stage++) {
            depths.add(read.depth(stage));
            widths.add(
                    read.shape(stage == 1 ? "conv1.weight" : "layer" + stage + ".0.conv1.weight", 4).getFirst());
        }
        long channels = read.shape("conv1.weight", 4).get(1);
        var linear = read.shape("linear.weight", 2);
        var found = new CifarResNetArchitecture(depths, widths, Math.toIntExact(linear.getFirst()),
                input(config, Math.toIntExact(channels), file), names(config, linear.getFirst(), file));
        read.mustHold(found.shapes());
        return Optional.of(found);
    }

    /// @param depths blocks a stage, three numbers of at least 1, for instance 9, 9, 9
    /// @param widths channels a stage, three numbers that double, for instance 16, 32, 64
    public record Size(List<Integer> depths, List<Long> widths) {
        public Size {
            depths = List.copyOf(depths);
            widths = List.copyOf(widths);
            if (depths.size() != STAGES || widths.size() != STAGES || depths.stream().anyMatch(d -> d < 1)
                    || widths.stream().anyMatch(w -> w < 1)) {
                throw new IllegalArgumentException(
                        "a CIFAR ResNet has three stages of at least one block and one channel, got depths %s and widths %s"
                                .formatted(depths, widths));
            }
        }
    }

    /// A network with random weights: convolutions and the head Kaiming-normal, norms 1 and 0.
    ///
    /// @param seed what is drawn for a tensor depends on it and on the tensor's name alone
    public static FreshNetwork fresh(Size size, Architecture.Input.Image input, List<String> classNames, Seed seed) {
        var made = new CifarResNetArchitecture(size.depths, size.widths, classNames.size(), input, classNames);
        var tensors = new LinkedHashMap<String, Tensor>();
        try (var _ = Scope.open()) {
            made.shapes().forEach((name, shape) -> tensors.put(name,
                    fresh(name, shape.stream().mapToLong(Long::longValue).toArray(), seed)));
            return new FreshNetwork(made, Weights.of("fresh " + made.description(), tensors));
        }
    }

    private static Tensor fresh(String name, long[] shape, Seed seed) {
        if (shape.length > 1) {
            return Convolution.kaiming(name, seed, shape);
        }
        if (name.endsWith("num_batches_tracked")) {
            return Tensors.zeros(DType.I64, shape);
        }
        boolean one = name.endsWith(".running_var") || name.contains("bn") && name.endsWith(".weight");
        return one ? Tensors.ones(DType.F32, shape) : Tensors.zeros(DType.F32, shape);
    }

    private static Architecture.Input.Image input(Map<String, Object> config, int channels, String file)
            throws IOException {
        var fields = new ConfigFields(file, config);
        int size = fields.count("input_size", 32);
        var normalisation = fields.object("normalisation");
        var mean = normalisation.isPresent() ? normalisation.get().numbers("mean", MEAN) : MEAN;
        var std = normalisation.isPresent() ? normalisation.get().numbers("std", STD) : STD;
        if (mean.size() != channels || std.size() != channels || std.stream().anyMatch(s -> !(s > 0 && s < 1e6))
                || mean.stream().anyMatch(m -> !(Math.abs(m) < 1e6)) || size < 4
                || size > 4096) {
            throw new IOException(
                    "[%s] config.json: expected 'normalisation' with a mean and a positive std for each of %d channels and an 'input_size' of 4 to 4096, got mean %s, std %s, size %d"
                            .formatted(file, channels, mean, std, size));
        }
        return new Architecture.Input.Image(channels, size, size, mean, std,
                PreparationFields.of(fields).orElse(Preparation.NONE));
    }

    private static List<String> names(Map<String, Object> config, long classes, String file) throws IOException {
        var list = new ConfigFields(file, config).list("class_names");
        if (list.isEmpty()) {
            return List.of();
        }
        if (list.size() != classes) {
            throw new IOException(
                    "[%s] config.json names %d classes, the head has %d".formatted(file, list.size(), classes));
        }
        return list.stream().map(String::valueOf).toList();
    }

    /// The header of a checkpoint, read with errors that name the tensor.
    private record Header(String file, Map<String, TensorInfo> tensors) {
        int depth(int stage) throws IOException {
            var prefix = "layer" + stage + ".";
            int depth = (int) IntStream.iterate(0, i -> tensors.containsKey(prefix + i + ".conv1.weight"), i -> i + 1)
                    .count();
            if (depth == 0 && stage > 1) { // the first stage may have been removed whole
                throw new IOException("[%s] has no tensor '%s0.conv1.weight'. A CIFAR ResNet has three stages"
                        .formatted(file, prefix));
            }
            return depth;
        }

        List<Long> shape(String name, int dimensions) throws IOException {
            var info = tensors.get(name);
            if (info == null || info.shape().size() != dimensions
                    || info.shape().stream().anyMatch(s -> s < 1 || s > 1 << 20)) {
                throw new IOException("[%s] tensor '%s': expected %d dimensions of a sane size, got %s".formatted(file,
                        name, dimensions, info == null ? "no such tensor" : info.shape()));
            }
            return info.shape();
        }

        void mustHold(Map<String, List<Long>> expected) throws IOException {
            for (var entry : expected.entrySet()) {
                var info = tensors.get(entry.getKey());
                if (info == null && entry.getKey().endsWith("num_batches_tracked")) {
                    continue; // absent in files older than PyTorch 0.4.1
                }
                if (info == null) {
                    throw new IOException("[%s] has no tensor '%s', expected shape %s. Maybe the file is incomplete"
                            .formatted(file, entry.getKey(), entry.getValue()));
                }
                if (!info.shape().equals(entry.getValue())) {
                    throw new IOException("[%s] tensor '%s' has shape %s, expected %s".formatted(file, entry.getKey(),
                            info.shape(), entry.getValue()));
                }
                if (!info.dtype().floating() && !entry.getKey().endsWith("num_batches_tracked")) {
                    throw new IOException("[%s] tensor '%s' has elements of type %s, expected floating-point numbers"
                            .formatted(file, entry.getKey(), info.dtype()));
                }
            }
            for (var name : tensors.keySet()) {
                if (!expected.containsKey(name)) {
                    throw new IOException(
                            "[%s] tensor '%s' does not belong to a CIFAR ResNet with these blocks. Maybe it has shortcuts of kind B, which are not read yet"
                                    .formatted(file, name));
                }
            }
        }
    }
}
