package dev.sglp.family.vision;

import dev.sglp.checkpoint.TensorInfo;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/// The header of a checkpoint, read with errors that name the tensor.
///
/// @param file for errors
public record VisionHeader(String file, Map<String, TensorInfo> tensors, VisionArchitecture.Kind kind) {
    private static final long MOST = 1 << 24;

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
    /// @throws IOException where a tensor is missing, of another shape or type, or not known
    public void check(Map<String, List<Long>> expected) throws IOException {
        for (var entry : expected.entrySet()) {
            var info = tensors.get(entry.getKey());
            if (info == null) {
                throw new IOException(
                        "[%s] has no tensor '%s', expected shape %s. Maybe it was saved without its classifier, or the file is incomplete"
                                .formatted(file, entry.getKey(), entry.getValue()));
            }
            if (!info.shape().equals(entry.getValue()) || !info.dtype().floating()) {
                throw new IOException(
                        "[%s] tensor '%s' has shape %s and elements of type %s, expected %s of floating-point numbers"
                                .formatted(file, info.name(), info.shape(), info.dtype(), entry.getValue()));
            }
        }
        for (var tensor : tensors.values()) {
            if (!expected.containsKey(tensor.name()) && !kind.beside().contains(tensor.name())) {
                throw new IOException("[%s] tensor '%s' %s does not belong to a %s of this kind".formatted(file,
                        tensor.name(), tensor.shape(), kind.title()));
            }
        }
    }
}
