package dev.sglp.training.gradient;

import dev.sglp.tensor.Scope;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/// What a teacher says of a batch. It owns the streams; close it.
///
/// @param known   of each token
/// @param streams by the layer of the network that is to meet them, `[B, T, D]`; none where none is
record Said(Known known, Map<Integer, Tensor> streams) implements AutoCloseable {
    @Override
    public void close() {
        streams.values().forEach(Scope::free);
    }
}
