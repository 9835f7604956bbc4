package dev.sglp;

import dev.sglp.checkpoint.SafeTensorsWriter;
import dev.sglp.checkpoint.TensorInfo;
import dev.sglp.tensor.DType;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/// The header of a CIFAR ResNet's checkpoint from the definition of the network, and files with seeded random weights.
///
/// @param depths blocks of each of the three stages
/// @param width  channels of the first stage; each later one has twice as many
public record CifarHeader(List<Integer> depths, long width, int classes) {
    /// ResNet-`n` of the paper: `n = 6 m + 2`, `m` blocks a stage, 16 channels, ten classes.
    public static CifarHeader resNet(int n) {
        int m = (n - 2) / 6;
        return new CifarHeader(List.of(m, m, m), 16, 10);
    }

    public LinkedHashMap<String, TensorInfo> tensors() {
        var all = new LinkedHashMap<String, TensorInfo>();
        convolution(all, "", 1, 3, width);
        for (int stage = 1; stage <= 3; stage++) {
            long out = width << stage - 1;
            for (int i = 0; i < depths.get(stage - 1); i++) {
                var prefix = "layer%d.%d.".formatted(stage, i);
                convolution(all, prefix, 1, stage > 1 && i == 0 ? out / 2 : out, out);
                convolution(all, prefix, 2, out, out);
            }
        }
        put(all, "linear.weight", DType.F32, classes, 4 * width);
        put(all, "linear.bias", DType.F32, classes);
        return all;
    }

    private static void convolution(Map<String, TensorInfo> all, String prefix, int number, long in, long out) {
        put(all, prefix + "conv" + number + ".weight", DType.F32, out, in, 3, 3);
        for (var name : List.of("weight", "bias", "running_mean", "running_var")) {
            put(all, prefix + "bn" + number + "." + name, DType.F32, out);
        }
        put(all, prefix + "bn" + number + ".num_batches_tracked", DType.I64);
    }

    private static void put(Map<String, TensorInfo> all, String name, DType dtype, long... shape) {
        all.put(name, new TensorInfo(name, dtype, java.util.Arrays.stream(shape).boxed().toList()));
    }

    /// Writes a file with this header: scales and variances about 1, everything else about 0.
    public static void write(Path file, Map<String, TensorInfo> tensors, long seed) throws IOException {
        var random = new Random(seed);
        try (var arena = Arena.ofConfined()) {
            var bytes = new LinkedHashMap<String, MemorySegment>();
            tensors.values().forEach(t -> bytes.put(t.name(), values(t, t.name().endsWith("running_var")
                    || tensors.containsKey(t.name().replaceFirst("weight$", "") + "running_var"), random, arena)));
            SafeTensorsWriter.write(file, List.copyOf(tensors.values()), Map.of("format", "pt"), bytes::get);
        }
    }

    /// @param positive whether it is a scale or a variance
    private static MemorySegment values(TensorInfo tensor, boolean positive, Random random, Arena arena) {
        var bytes = arena.allocate(tensor.bytes(), 8);
        if (tensor.dtype() == DType.F32) {
            double scale = tensor.shape().size() == 4 ? 0.3 : 0.2;
            for (long i = 0; i < tensor.elements(); i++) {
                double value = positive ? 0.5 + random.nextDouble() : scale * random.nextGaussian();
                bytes.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) value);
            }
        }
        return bytes;
    }
}
