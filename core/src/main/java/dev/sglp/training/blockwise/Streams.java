package dev.sglp.training.blockwise;

import dev.sglp.data.Dataset;
import dev.sglp.model.LayeredModel;
import org.bytedeco.pytorch.Tensor;

/// What the dense network and the smaller one say of the same windows. Close it.
///
/// @param whole   the dense network's
/// @param smaller the other's
record Streams(Stream whole, Stream smaller) implements LayerFit.Examples, AutoCloseable {
    /// Behind their stems.
    static Streams of(LayeredModel dense, LayeredModel network, Dataset items) {
        return new Streams(new Stream(dense.stem(), items), new Stream(network.stem(), items));
    }

    @Override
    public int size() {
        return whole.windows();
    }

    @Override
    public Tensor input(int window) {
        return smaller.window(window);
    }

    @Override
    public Tensor aim(int window) {
        return whole.window(window);
    }

    @Override
    public void close() {
        whole.close();
        smaller.close();
    }
}
