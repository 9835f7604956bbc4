package dev.sglp.repair;

import dev.sglp.model.Pass;
import dev.sglp.model.repair.LastMap;
import dev.sglp.model.repair.LastMap.Run;
import dev.sglp.model.wave.LayerSource;
import dev.sglp.model.wave.LayerSource.Aside;
import dev.sglp.repair.dense.DenseSums.Known;
import dev.sglp.repair.solver.Aim;
import dev.sglp.repair.solver.LeastSquares;
import dev.sglp.repair.solver.Positions;
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
    private final Known[] known;
    private final @Nullable Tensor[][] inners; // [layer][batch] that its last map multiplies, where there is room
    private final long[] features; // of each layer: numbers of a token that its last map multiplies
    private final @Nullable Aside[][] sums; // [layer + 1][batch] that the layer's output is made of; the stem's output at 0
    private final Optional<LayerSource> source;
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicLong tokens = new AtomicLong();
    private final int ahead;
    private int led;

    /// @param longest layers of a gap at most
    DenseStreams(RepairTask task, int longest) {
        this.task = task;
        this.ahead = longest + 2;
        this.source = LayerSource.of(task.dense());
        this.batches = new Batches(task);
        this.positions = new Positions(task.dense().layout());
        this.sums = new Aside[task.dense().layers().size() + 1][batches.count()];
        this.known = new Known[batches.count()];
        this.features = new long[task.dense().layers().size()];
        this.inners = new Tensor[task.dense().layers().size()][batches.count()];
        batches.each(b -> {
            var inputs = batches.inputs(b);
            known[b] = task.sums().of(b, inputs);
            var stream = task.dense().stem().forward(inputs, Pass.evaluation());
            bytes.addAndGet(stream.nbytes());
            tokens.addAndGet(stream.numel() / stream.size(-1));
            sums[0][b] = kept(stream);
        });
    }

    /// Where layers are not in memory, many streams are not either.
    private Aside kept(Tensor stream) {
        return source.map(found -> found.aside(stream)).orElseGet(() -> Aside.here(Scope.own(stream)));
    }

    /// Bytes of one layer's stream.
    long bytes() {
        return bytes.get();
    }

    /// Numbers that a fit to one of a layer's successors takes: its aims as long as there are fewer tokens than features, from then on its map.
    long fit(int layer) {
        var end = end(layer);
        long width = bytes() / Float.BYTES / Math.max(1, tokens.get());
        boolean few = !end.shifts() && end.freedom() == LastMap.Freedom.MAP;
        return width * (few ? Math.min(tokens.get(), features[layer]) : features[layer]);
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
            batches.each(b -> {
                var run = end.run(input(next, b), Pass.evaluation());
                known[b].keep(next, run.sum());
                features[next] = run.inner().size(-1);
                sums[next + 1][b] = kept(run.sum());
                if (source.isEmpty() && Refit.haveRoom((long) (b + 1) * ahead, run.inner())) {
                    inners[next][b] = Scope.own(run.inner());
                }
            });
        }
    }

    /// The layer's pass, which was made on the way here.
    private Run run(LastMap end, int layer, int batch) {
        var inner = inners[layer][batch];
        return inner == null
                ? end.run(input(layer, batch), Pass.evaluation())
                : new Run(inner, sum(layer + 1, batch));
    }

    /// The sums of a layer's fit to its successors behind gaps of several lengths, their aims beside each other. The caller closes them.
    ///
    /// @param first the nearest of these successors
    /// @param last  the furthest
    LeastSquares sums(int layer, int first, int last) {
        var end = end(layer);
        var layout = task.dense().layout();
        var halves = new LeastSquares[2];
        batches.each(b -> {
            var run = run(end, layer, b);
            var at = positions.of(run.sum(), batches.padding(b), batches.first(b));
            var aim = Aim.of(layout, end, run, run.sum(), at);
            var own = Aim.rows(layout, run.sum(), at); // [n, D]
            var root = layout.stream() ? Optional.of(Aim.root(own)) : Optional.<Tensor>empty();
            var aims = IntStream.rangeClosed(first, last).mapToObj(next -> Scope.yield(() -> {
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
        drop(inners[layer]);
    }

    private static void drop(@Nullable Tensor[] place) {
        Arrays.stream(place).filter(Objects::nonNull).forEach(Scope::free);
        Arrays.fill(place, null);
    }

    private static void free(@Nullable Aside[] place) {
        Arrays.stream(place).filter(Objects::nonNull).forEach(Aside::free);
        Arrays.fill(place, null);
    }

    @Override
    public void close() {
        Arrays.stream(sums).forEach(DenseStreams::free);
        Arrays.stream(inners).forEach(DenseStreams::drop);
        batches.close();
    }
}
