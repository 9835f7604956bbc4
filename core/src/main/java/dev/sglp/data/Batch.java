package dev.sglp.data;

import dev.sglp.tensor.Device;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/// Some items as tensors, living in the scope that was open when they were made.
///
/// @param inputs  images: float32 `[B, C, H, W]`, normalised; text: token ids, int64 `[B, T]`
/// @param targets images: class indices, int64 `[B]`; text: the next token at every position, int64 `[B, T]`, and `-100`
///                where nothing is to be predicted
/// @param padding text: bool `[B, T]`, true where there is no real token; empty where every token is real
/// @param documents text: for each row the columns at which a document begins, the first 0, none of which sees another; empty where each
///        row is one text
public record Batch(Tensor inputs, Tensor targets, Optional<Tensor> padding, List<List<Integer>> documents) {
    /// The target that stands where nothing is to be predicted.
    public static final int NO_TARGET = -100;

    /// The same on a device, in the current scope.
    public Batch on(Device device) {
        return new Batch(device.moved(inputs), device.moved(targets), padding.map(device::moved), documents);
    }

    /// A batch without padding.
    public Batch(Tensor inputs, Tensor targets) {
        this(inputs, targets, Optional.empty());
    }

    /// A text a row.
    public Batch(Tensor inputs, Tensor targets, Optional<Tensor> padding) {
        this(inputs, targets, padding, List.of());
    }
}
