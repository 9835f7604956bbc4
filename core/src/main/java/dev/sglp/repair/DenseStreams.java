package dev.sglp.repair;

import dev.sglp.model.Pass;
import dev.sglp.model.repair.LastMap;
import dev.sglp.model.wave.LayerSource;
import dev.sglp.model.wave.LayerSource.Aside;
import dev.sglp.repair.solver.LeastSquares;
import dev.sglp.tensor.Scope;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/// The dense network's stream at several layers at once, batch by batch: from the layer whose gaps are looked at to the furthest
/// behind one of them. It owns them; close it.
final class DenseStreams implements AutoCloseable {
    private final RepairTask task;
    private final Batches batches;
    private final Positions positions;
    private final @Nullable Aside[][] sums; // [layer + 1][batch] that the layer's output is made of; the stem's output at 0
    private final Optional<LayerSource> source;
    private final AtomicLong bytes = new AtomicLong();
    private int led;

    DenseStreams(RepairTask task) {
        this.task = task;
        this.source = LayerSource.of(task.dense());
        this.batches = new Batches(task);
        this.positions = new Positions(task.dense().layout());
        this.sums = new Aside[task.dense().layers().size() + 1][batches.count()];
        batches.each(b -> {
            var stream = task.dense().stem().forward(batches.inputs(b), Pass.evaluation());
            bytes.addAndGet(stream.nbytes());
            sums[0][b] = kept(stream);
        });
    }

    /// A stream in memory.
    private record Here(Tensor read) implements Aside {
        @Override
        public void free() {
            Scope.free(read);
        }
    }

    /// Where layers are not in memory, many streams are not either.
    private Aside kept(Tensor stream) {
        return source.map(found -> found.aside(stream)).orElseGet(() -> new Here(Scope.own(stream)));
    }

    /// Bytes of one layer's stream.
    long bytes() {
        return bytes.get();
    }

    private LastMap end(int layer) {
        return Streams.end(task.dense().layers().get(layer));
    }

    private Tensor sum(int place, int batch) {
        return Objects.requireNonNull(sums[place][batch]).read();
    }

    private Tensor input(int layer, int batch) {
        return layer == 0 ? sum(0, batch) : end(layer - 1).output(sum(layer, batch));
    }

    /// Runs as far as the input of this layer.
    void lead(int layer) {
        for (; led < layer; led++) {
            int next = led;
            var end = end(next);
            batches.each(b -> sums[next + 1][b] = kept(end.run(input(next, b), Pass.evaluation()).sum()));
        }
    }

    /// The sums of a layer's fit to its successors behind gaps of 1, 2, … layers, their aims beside each other. The caller closes
    /// them.
    ///
    /// @param behind the furthest successor
    LeastSquares sums(int layer, int behind) {
        var end = end(layer);
        var layout = task.dense().layout();
        var halves = new LeastSquares[2];
        batches.each(b -> {
            var run = end.run(input(layer, b), Pass.evaluation());
            var at = positions.of(run.sum(), batches.padding(b), batches.first(b));
            var aim = Aim.of(layout, end, run, run.sum(), at);
            var own = Aim.rows(layout, run.sum(), at); // [n, D]
            var root = layout.stream() ? Optional.of(Aim.root(own)) : Optional.<Tensor>empty();
            var aims = IntStream.rangeClosed(layer + 2, behind).mapToObj(next -> Scope.yield(() -> {
                var y = Aim.rows(layout, sum(next, b), at).sub_(own);
                return root.map(y::mul_).orElse(y);
            })).toArray(Tensor[]::new);
            int half = Batches.half(b);
            var r = torch.cat(new TensorVector(aims), 1);
            if (halves[half] == null) {
                halves[half] = new LeastSquares(aim.u().size(1), end);
            }
            halves[half].add(aim.u(), r);
        });
        if (halves[1] != null) {
            halves[0].add(halves[1]);
            halves[1].close();
        }
        return halves[0];
    }

    /// Nobody looks at this layer's input any more.
    void drop(int layer) {
        free(sums[layer]);
    }

    private static void free(@Nullable Aside[] place) {
        Arrays.stream(place).filter(Objects::nonNull).forEach(Aside::free);
        Arrays.fill(place, null);
    }

    @Override
    public void close() {
        Arrays.stream(sums).forEach(DenseStreams::free);
        batches.close();
    }
}
