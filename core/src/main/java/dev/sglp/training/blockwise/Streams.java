package dev.sglp.training.blockwise;

import dev.sglp.data.Dataset;
import dev.sglp.model.LayeredModel;

/// What the dense network and the smaller one say of the same windows. Close it.
///
/// @param whole   the dense network's
/// @param smaller the other's
record Streams(Stream whole, Stream smaller) implements AutoCloseable {
    /// Behind their stems.
    static Streams of(LayeredModel dense, LayeredModel network, Dataset items) {
        return new Streams(new Stream(dense.stem(), items), new Stream(network.stem(), items));
    }

    @Override
    public void close() {
        whole.close();
        smaller.close();
    }
}
