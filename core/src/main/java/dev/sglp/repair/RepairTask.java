package dev.sglp.repair;

import dev.sglp.data.Dataset;
import dev.sglp.fault.UsageException;
import dev.sglp.model.LayerSet;
import dev.sglp.model.LayeredModel;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/// What a repair is asked.
///
/// @param dense     the whole network
/// @param removed   the layers that go
/// @param data      what the streams are compared on
/// @param batchSize items a forward pass
/// @param written   a changed tensor as it will be stored, by its name: what is measured is what is written
public record RepairTask(LayeredModel dense, LayerSet removed, Dataset data, int batchSize, Written written) {
    /// Rounds a tensor to what is stored of it.
    @FunctionalInterface
    public interface Written {
        Tensor stored(String name, Tensor tensor);
    }

    /// Tensors are stored as they are computed.
    public RepairTask(LayeredModel dense, LayerSet removed, Dataset data, int batchSize) {
        this(dense, removed, data, batchSize, (_, tensor) -> tensor);
    }

    public RepairTask {
        if (data.size() < 1) {
            throw new UsageException(
                    "there are no data to repair with. Raise --repair-samples, or --repair none");
        }
    }

    /// The layers that stay, in order.
    List<Integer> kept() {
        return removed.others(dense.layers().size());
    }

    /// The layer whose input the output of kept layer `place` becomes, by its index in the dense network; that of the head is the
    /// number of layers.
    int successor(int place) {
        var kept = kept();
        return place + 1 < kept.size() ? kept.get(place + 1) : dense.layers().size();
    }
}
