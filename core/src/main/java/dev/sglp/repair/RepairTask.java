package dev.sglp.repair;

import dev.sglp.data.Dataset;
import dev.sglp.fault.UsageException;
import dev.sglp.model.LayerSet;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.wave.LayerSource;
import dev.sglp.progress.Progress;
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

    private static final long FLOAT = 4;

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

    /// Where layers are not in memory, what is changed of them needs room elsewhere: says how much.
    ///
    /// @param from  the first layer of the dense network that may be changed
    /// @param parts of a layer, at most so many tensors as large as its largest
    void reserve(int from, int parts, Progress progress) {
        LayerSource.of(dense).ifPresent(source -> progress.say(source.reserve(kept().stream().filter(i -> i >= from)
                .map(dense.layers()::get).mapToLong(layer -> parts * FLOAT
                        * layer.parameters().values().stream().mapToLong(Tensor::numel).max().orElse(0))
                .sum())));
    }

    /// The layer whose input the output of kept layer `place` becomes, by its index in the dense network; that of the head is the
    /// number of layers.
    int successor(int place) {
        var kept = kept();
        return place + 1 < kept.size() ? kept.get(place + 1) : dense.layers().size();
    }
}
