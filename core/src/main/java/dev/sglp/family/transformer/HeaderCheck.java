package dev.sglp.family.transformer;

import dev.sglp.checkpoint.TensorInfo;
import dev.sglp.fault.Article;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/// Holds the header of a checkpoint against what is known of its network.
///
/// @param file     for errors
/// @param tensors  the header
/// @param title    of the family
/// @param by       whence shapes are known, behind a space; empty where from the file itself
/// @param maybe    what may be the reason where it does not fit
public record HeaderCheck(String file, Map<String, TensorInfo> tensors, String title, String by, String maybe) {
    private static final long MOST = 1 << 24;
    private static final String BY_CONFIG = " by config.json";

    /// Of a network that its `config.json` describes.
    ///
    /// @param quantized whether the configuration says how weights were packed
    public static HeaderCheck byConfig(String file, Map<String, TensorInfo> tensors, String title,
            boolean quantized) {
        return new HeaderCheck(file, tensors, title, BY_CONFIG, quantized
                ? ". It has a quantization_config: packed weights are not read; use the network it was made from"
                : ". Maybe the file is incomplete, or of another kind than its model_type says");
    }

    /// The shape of a tensor that has to be there.
    public static List<Long> shape(String file, Map<String, TensorInfo> tensors, String name, int dimensions)
            throws IOException {
        var info = tensors.get(name);
        if (info == null || info.shape().size() != dimensions
                || info.shape().stream().anyMatch(s -> s < 1 || s > MOST)) {
            throw new IOException(
                    "[%s] tensor '%s': expected %d dimensions of a sane size, got %s".formatted(file, name,
                            dimensions, info == null ? "no such tensor" : info.shape()));
        }
        return info.shape();
    }

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
                throw new IOException("[%s] tensor '%s' %s does not belong to %s%s%s".formatted(file, tensor.name(),
                        tensor.shape(), Article.of(title),
                        by.isEmpty() ? " of this kind" : " as config.json describes it", maybe));
            }
        }
    }

    private void check(String name, List<Long> shape, UnaryOperator<String> missing) throws IOException {
        var info = tensors.get(name);
        if (info == null) {
            throw new IOException("[%s] has no tensor '%s', expected shape %s%s%s".formatted(file, name, shape, by,
                    missing.apply(name)));
        }
        if (!info.shape().equals(shape) || !info.dtype().floating()) {
            throw new IOException(
                    "[%s] tensor '%s' has shape %s and elements of type %s, expected %s of floating-point numbers%s%s"
                            .formatted(file, name, info.shape(), info.dtype(), shape, by, maybe));
        }
    }
}
