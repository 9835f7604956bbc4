package dev.sglp.method.stream;

import dev.sglp.importance.ScoringTask.Calibration;
import dev.sglp.importance.stream.InfluenceSums;
import dev.sglp.model.LayerSet;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.Pass;
import dev.sglp.model.wave.Waiting;
import dev.sglp.model.wave.Wave;
import dev.sglp.model.work.Meter;
import dev.sglp.repair.Scale;
import dev.sglp.tensor.Autograd;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Threads;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/// The stream of what is left of a network, the layer outermost, times {@link Scale}'s factor behind each gap: the same to the network as
/// its layers divided, and no weight is made. Sets of layers are asked that grow: what lies between the first layer that may go and the first
/// gap is run when that moves.
/// It owns the streams; close it.
final class ScaledStream implements AutoCloseable {
    private static final int ALIVE = 4; // streams: at the first layer that may go, at the first gap, before a layer and behind it

    private final LayeredModel model;
    private final Calibration data;
    private final Waiting waiting;
    private final double[][] sizes; // [layer]: of the dense stream that enters it
    private final double[] influence; // of each layer, as it was seen last
    private final @Nullable Tensor[] padding; // batch by batch
    private final long[] vectors;
    private final int first;
    private List<Waiting.Item> dense = List.of(); // at the first layer that may go, batch by batch
    private List<Waiting.Item> begun = List.of(); // at the first gap
    private int gap;

    /// @param first the first layer that may go
    /// @param say   told what will wait on disk
    ScaledStream(LayeredModel model, Calibration data, int first, Consumer<String> say) {
        this.first = first;
        this.model = model;
        this.data = data;
        this.waiting = Waiting.of(model);
        this.sizes = new double[model.layers().size()][];
        this.influence = new double[model.layers().size()];
        this.padding = new Tensor[data.batches()];
        this.vectors = new long[data.batches()];
        this.gap = model.layers().size();
        waiting.expect((long) ALIVE * data.batches(),
                () -> Wave.bytes(model, data.batches(), b -> data.batch(b).inputs()), say);
    }

    /// The block influence of every layer that is left, by its number.
    ///
    /// @param removed at least what was removed when it was asked last
    /// @param work    told what is computed
    double[] influences(LayerSet removed, Meter work) {
        if (sizes[0] == null) {
            var told = removed.size() == 0 ? work : new Meter(model, data.examples().size()); // paid when it was asked first
            walk(LayerSet.EMPTY, 0, entered(told), told);
        }
        if (removed.size() > 0) {
            int next = removed.indices().getFirst();
            if (next < gap) {
                if (begun != dense) {
                    begun.forEach(Waiting.Item::free);
                }
                gap = next;
                begun = List.of();
                walk(removed, first, dense, work);
            } else {
                walk(removed, gap, begun, work);
            }
        }
        return influence.clone();
    }

    private void walk(LayerSet removed, int from, List<Waiting.Item> entering, Meter work) {
        var stream = entering;
        for (int layer = from; layer < sizes.length; layer++) {
            if (layer == first) {
                dense = stream;
            }
            if (layer == gap) {
                begun = stream;
            }
            if (removed.contains(layer)) {
                continue;
            }
            var own = removed.size() == 0 || removed.contains(layer - 1) ? sizes(stream) : new double[0];
            if (removed.size() == 0) {
                sizes[layer] = own;
            }
            var behind = through(layer, own.length == 0 ? 1 : Scale.factor(sizes[layer], own, 1), stream, work);
            freed(stream);
            stream = behind;
        }
        freed(stream);
    }

    private void freed(List<Waiting.Item> stream) {
        if (stream != begun && stream != dense) {
            stream.forEach(Waiting.Item::free);
        }
    }

    private List<Waiting.Item> entered(Meter work) {
        return kept(b -> {
            var batch = data.batch(b);
            if (padding[b] == null) {
                batch.padding().ifPresent(mask -> padding[b] = Scope.own(mask));
                vectors[b] = model.layout().count(batch.inputs(), batch.padding());
            }
            work.forward(model.stem(), batch.inputs().size(0));
            return model.stem().forward(batch.inputs(), Pass.evaluation());
        });
    }

    private Optional<Tensor> padding(int batch) {
        return Optional.ofNullable(padding[batch]);
    }

    private List<Waiting.Item> through(int index, double factor, List<Waiting.Item> from, Meter work) {
        return model.layers().get(index).held(layer -> {
            var cosines = new double[from.size()];
            var behind = kept(b -> {
                var x = from.get(b).get();
                var entering = factor == 1 ? x : x.mul(new Scalar(factor));
                work.forward(layer, x.size(0));
                var y = layer.forward(entering, Pass.evaluation());
                cosines[b] = layer.removable()
                        ? InfluenceSums.cosines(model.layout(), entering, y, padding(b))
                        : 0;
                return y;
            });
            influence[index] = 1 - Arrays.stream(cosines).sum() / Arrays.stream(vectors).sum();
            return behind;
        });
    }

    /// `Σ|x_k|` of all batches.
    private double[] sizes(List<Waiting.Item> stream) {
        var each = new double[stream.size()][];
        Threads.each(stream.size(), b -> Scope.run(
                () -> each[b] = Scale.sizes(model.layout(), stream.get(b).get(), padding(b))));
        return IntStream.range(0, each[0].length)
                .mapToDouble(k -> Arrays.stream(each).mapToDouble(batch -> batch[k]).sum()).toArray();
    }

    /// What becomes of each batch, nothing recorded.
    private List<Waiting.Item> kept(IntFunction<Tensor> work) {
        var all = new Waiting.Item[data.batches()];
        Threads.each(all.length, b -> all[b] = waiting.keep(
                Autograd.recording(false, () -> Scope.yieldOwned(() -> work.apply(b)))));
        return List.of(all);
    }

    @Override
    public void close() {
        waiting.close();
        Arrays.stream(padding).filter(Objects::nonNull).forEach(Scope::free);
    }
}
