package dev.sglp.importance.stream;

import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/// Sums over all vectors between a network's layers, batch by batch.
interface StreamSums {
    /// The next layer of a batch has run; the first one begins a batch.
    ///
    /// @param x       its input, good until this returns
    /// @param y       its output, likewise
    /// @param padding as a batch has it
    void layer(int layer, Tensor x, Tensor y, Optional<Tensor> padding);
}
