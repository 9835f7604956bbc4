package dev.sglp.family.transformer;

import dev.sglp.checkpoint.TensorInfo;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/// Holds the header of a checkpoint against what its `config.json` says.
///
/// @param file      for errors
/// @param tensors   the header
/// @param title     of the family
/// @param quantized whether the configuration says how weights were packed
public record HeaderCheck(String file, Map<String, TensorInfo> tensors, String title, boolean quantized) {
    /// @param expected shapes by name
    /// @param besides  tensors that may be there and are not computed with
    /// @param missing  what to say where a tensor of this name is missing, from what is usual
    /// @throws IOException where a tensor is missing, of another shape or type, or not known
    public void check(Map<String, List<Long>> expected, Predicate<TensorInfo> besides, UnaryOperator<String> missing)
            throws IOException {
        for (var entry : expected.entrySet()) {
            check(entry.getKey(), entry.getValue(), missing);
        }
        for (var tensor : tensors.values()) {
            if (!expected.containsKey(tensor.name()) && !besides.test(tensor)) {
                throw new IOException("[%s] tensor '%s' %s does not belong to a %s as config.json describes it%s"
                        .formatted(file, tensor.name(), tensor.shape(), title, maybe()));
            }
        }
    }

    private void check(String name, List<Long> shape, UnaryOperator<String> missing) throws IOException {
        var info = tensors.get(name);
        if (info == null) {
            throw new IOException("[%s] has no tensor '%s', expected shape %s by config.json%s".formatted(file, name,
                    shape, missing.apply(name)));
        }
        if (!info.shape().equals(shape) || !info.dtype().floating()) {
            throw new IOException(
                    "[%s] tensor '%s' has shape %s and elements of type %s, expected %s of floating-point numbers by config.json%s"
                            .formatted(file, name, info.shape(), info.dtype(), shape, maybe()));
        }
    }

    /// What may be the reason.
    public String maybe() {
        return quantized
                ? ". It has a quantization_config: packed weights are not read; use the network it was made from"
                : ". Maybe the file is incomplete, or of another kind than its model_type says";
    }
}
