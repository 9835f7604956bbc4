package dev.sglp.repair;

import dev.sglp.fault.UsageException;
import dev.sglp.model.Layer;
import dev.sglp.model.Pass;
import dev.sglp.model.repair.LastMap;
import dev.sglp.model.repair.LastMap.Matrix;
import dev.sglp.model.repair.RepairNeed;
import dev.sglp.progress.Progress;
import dev.sglp.repair.Repaired.Change;
import dev.sglp.repair.Repaired.LayerFit;
import dev.sglp.repair.solver.LeastSquares;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Tensors;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/// ReplaceMe's linear transform: what the MLP before a gap gives, `m`, is multiplied by the `T` that minimises `Σ ‖m T − (y − r)‖²`, y the
/// dense stream behind the gap and r what is added to m. It goes into the MLP's last map, `W ← Tᵀ W`; nothing else changes. Rows are not
/// weighed, and T is not held back but for what a Cholesky factor needs.
public record ReplaceMe() implements Repair {
    private static final double RIDGE = 1e-9;

    @Override
    public String name() {
        return "replaceme";
    }

    @Override
    public String words() {
        return "the MLP before each gap, its output multiplied by a matrix";
    }

    @Override
    public String source() {
        return "ReplaceMe, arXiv 2505.02819";
    }

    @Override
    public Set<RepairNeed> needs() {
        return Set.of(RepairNeed.PLAIN_MATRIX);
    }

    /// @throws UsageException where the layer before a gap does not end in a single matrix
    @Override
    public Repaired repair(RepairTask task, Progress progress) {
        var repaired = new Repaired(task.dense(), task.removed());
        if (task.removed().size() == 0) {
            return repaired;
        }
        int first = task.removed().indices().getFirst();
        var kept = task.kept();
        task.reserve(first - 1, 2, progress); // as fitted, and rounded
        try (var streams = new Streams(task, Integer.MAX_VALUE);
                var step = progress.step("repairing", kept.size(), "layers")) {
            for (int place = 0; place < kept.size(); place++) {
                int layer = kept.get(place);
                int next = task.successor(place);
                streams.denseTo(next);
                if (next < first) {
                    streams.smallerIsDense();
                } else if (next == layer + 1) {
                    streams.smallerThrough(task.dense().layers().get(layer));
                } else {
                    fit(task, layer, next, streams, repaired);
                }
                step.advance(1);
            }
            return repaired;
        } catch (RuntimeException | Error e) {
            repaired.close();
            throw e;
        }
    }

    /// Fits a layer and takes the smaller stream through it.
    private static void fit(RepairTask task, int index, int next, Streams streams, Repaired repaired) {
        var dense = task.dense().layers().get(index);
        try (var _ = Scope.open()) {
            var changed = task.memory().find(index).map(known -> {
                repaired.add(new Change(index, dense.replacing(Refit.there(task, known.tensors())), known.fit()));
                return dense.replacing(Refit.there(task, known.tensors()));
            }).orElseGet(() -> fitted(task, index, task.dense().layers().get(next - 1), streams, repaired));
            streams.smallerThrough(changed);
        }
    }

    private static Layer fitted(RepairTask task, int index, Layer aim, Streams streams, Repaired repaired) {
        var dense = task.dense().layers().get(index);
        var end = Streams.end(dense);
        var matrix = end.matrix().orElseThrow(() -> new UsageException(
                "--repair replaceme is for %s, and %s of a %s does not. Use --repair refit".formatted(
                        RepairNeed.PLAIN_MATRIX.networks(), dense.name(), task.dense().family())));
        try (var sums = new LeastSquares(matrix.weight().size(0))) {
            double aims = add(end, matrix, streams, sums);
            var found = sums.solve(RIDGE);
            if (found.isEmpty()) {
                repaired.note("Layer %d (%s) is left as it is: its sums have no Cholesky factor."
                        .formatted(index, dense.name()));
                return dense;
            }
            var map = found.get().map().to(ScalarType.Float);
            var quality = new LayerFit(index, found.get().lambda(), sums.energy() / aims,
                    sums.error(found.get().map()) / aims);
            var changed = Refit.stored(end.fitted(times(matrix, map), aim), dense, task.written());
            repaired.add(new Change(index, changed, quality));
            task.memory().keep(new RepairTask.Fitted(Repaired.differing(dense, changed), quality));
            return changed;
        }
    }

    /// All rows of the data, batch by batch in order.
    ///
    /// @return Σ ‖y‖²
    private static double add(LastMap end, Matrix matrix, Streams streams, LeastSquares sums) {
        var all = new Rows[streams.batches().count()];
        streams.batches().each(b -> {
            var run = end.run(streams.smaller(b), Pass.evaluation());
            var layout = streams.positions().layout();
            var at = streams.positions().of(run.sum(), streams.batches().padding(b), streams.batches().first(b));
            var given = matrix.of(end.rows(run.inner(), at).to(ScalarType.Float));
            var y = Aim.rows(layout, streams.target(b), at);
            all[b] = new Rows(Scope.own(given), Scope.own(y.sub(Aim.rows(layout, run.sum(), at))), square(y));
        });
        return IntStream.range(0, all.length).mapToDouble(b -> all[b].addedTo(sums)).sum();
    }

    private static double square(Tensor rows) {
        return Tensors.toDoubles(rows.square().sum(new ScalarTypeOptional(ScalarType.Double)))[0];
    }

    /// One batch.
    ///
    /// @param m     what the map gives, `[n, D]`
    /// @param r     what is missing, `[n, D]`
    /// @param aimed Σ ‖y‖²
    private record Rows(Tensor m, Tensor r, double aimed) {
        double addedTo(LeastSquares sums) {
            try (var _ = Scope.open()) {
                sums.add(m, r);
            }
            Scope.free(m);
            Scope.free(r);
            return aimed;
        }
    }

    /// The change of a map whose output is multiplied by `1 + map`.
    private static LastMap.Fit times(Matrix matrix, Tensor map) {
        return new LastMap.Fit(map.t().mm(matrix.weight()),
                matrix.bias().map(bias -> bias.unsqueeze(0).mm(map).squeeze(0)), map);
    }
}
