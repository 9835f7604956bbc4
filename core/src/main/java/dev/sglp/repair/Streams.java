package dev.sglp.repair;

import dev.sglp.fault.UsageException;
import dev.sglp.model.Layer;
import dev.sglp.model.Pass;
import dev.sglp.model.repair.LastMap;
import dev.sglp.repair.dense.DenseSums.Known;
import dev.sglp.repair.solver.Positions;
import dev.sglp.tensor.Scope;
import dev.sglp.training.blockwise.LayerFit.Examples;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/// Two residual streams over the same examples, batch by batch: the dense network's and the smaller one's, each at some layer's
/// input; one and the same up to the first gap. It owns them; close it.
final class Streams implements Examples, AutoCloseable {
    private final RepairTask task;
    private final Batches batches;
    private final Positions positions;
    private final @Nullable Tensor[] dense;
    private final @Nullable Tensor[] smaller;
    private final @Nullable Tensor[] targets;
    private final @Nullable Known[] known;
    private int at; // the layer that the dense stream enters
    private double divisor = 1;

    /// Both at the first layer.
    ///
    /// @param places of each image or signal, at most so many positions are looked at
    Streams(RepairTask task, int places) {
        this.task = task;
        this.batches = new Batches(task);
        this.positions = new Positions(task.dense().layout(), places);
        dense = new Tensor[batches.count()];
        smaller = new Tensor[batches.count()];
        targets = new Tensor[batches.count()];
        known = new Known[batches.count()];
        batches.each(b -> {
            var inputs = batches.inputs(b);
            known[b] = task.sums().of(b, inputs);
            var stream = task.dense().stem().forward(inputs, Pass.evaluation());
            put(dense, b, stream);
            put(smaller, b, stream);
        });
    }

    private static void put(@Nullable Tensor[] place, int batch, Tensor tensor) {
        var before = place[batch];
        place[batch] = Scope.own(tensor);
        if (before != null) {
            Scope.free(before);
        }
    }

    Batches batches() {
        return batches;
    }

    Positions positions() {
        return positions;
    }

    /// The smaller network's, of one batch.
    Tensor smaller(int batch) {
        return Objects.requireNonNull(smaller[batch]);
    }

    /// The dense network's, of one batch.
    Tensor dense(int batch) {
        return Objects.requireNonNull(dense[batch]);
    }

    /// The dense network's sum at its last layer so far, of one batch, as {@linkplain #aim it is aimed at}.
    Tensor target(int batch) {
        var sum = Objects.requireNonNull(targets[batch]);
        return divisor == 1 ? sum : sum.div(new Scalar(divisor));
    }

    /// The smaller stream is to be the dense one divided by this.
    void aim(double by) {
        divisor = by;
    }

    /// Takes the dense stream to the input of this layer, behind the one it enters now.
    void denseTo(int layer) {
        int from = at;
        at = layer;
        for (int i = from; i < layer - 1; i++) {
            int next = i;
            batches.each(b -> pass(next, layer - 1, b));
        }
        var end = end(task.dense().layers().get(layer - 1));
        batches.each(b -> {
            var sum = sum(layer - 1, end, b);
            put(targets, b, sum);
            put(dense, b, end.output(sum));
        });
    }

    /// Takes a batch of the dense stream through a layer, unless a later one is known.
    private void pass(int layer, int later, int batch) {
        var found = known(batch);
        if (IntStream.rangeClosed(layer + 1, later).anyMatch(found::has)) {
            return;
        }
        var next = task.dense().layers().get(layer);
        if (found.has(layer) || found.wantsAll()) {
            var end = end(next);
            put(dense, batch, end.output(sum(layer, end, batch)));
        } else {
            put(dense, batch, next.forward(dense(batch), Pass.evaluation()));
        }
    }

    /// The dense network's sum at a layer, of one batch: kept, where there is room, for whoever looks at it again.
    private Tensor sum(int layer, LastMap end, int batch) {
        var sum = known(batch).find(layer).orElseGet(() -> end.run(dense(batch), Pass.evaluation()).sum());
        known(batch).keep(layer, sum);
        return sum;
    }

    private Known known(int batch) {
        return Objects.requireNonNull(known[batch]);
    }

    /// @throws UsageException where the layer does not know it
    static LastMap end(Layer layer) {
        return layer.lastMap().orElseThrow(() -> new UsageException(
                "--repair needs to know the last map of every layer, and %s does not say which it is. Use --repair none"
                        .formatted(layer.name())));
    }

    @Override
    public int size() {
        return batches.count();
    }

    @Override
    public Tensor input(int batch) {
        return smaller(batch);
    }

    /// The dense stream where the smaller network's next layer reads it.
    @Override
    public Tensor aim(int batch) {
        return dense(batch).to(ScalarType.Float);
    }

    @Override
    public Optional<Tensor> padding(int batch) {
        return batches.padding(batch);
    }

    /// Takes the smaller stream through a layer.
    void smallerThrough(Layer layer) {
        batches.each(b -> put(smaller, b, layer.forward(smaller(b), Pass.evaluation())));
    }

    /// Puts one batch of the smaller stream behind a layer.
    void smaller(int batch, Tensor output) {
        put(smaller, batch, output);
    }

    /// The smaller stream is where the dense one is.
    void smallerIsDense() {
        batches.each(b -> put(smaller, b, dense(b)));
    }

    @Override
    public void close() {
        for (var place : new Tensor[][]{dense, smaller, targets}) {
            Arrays.stream(place).filter(Objects::nonNull).forEach(Scope::free);
        }
        batches.close();
    }
}
