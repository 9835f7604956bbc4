package dev.sglp.repair;

import dev.sglp.model.Layer;
import dev.sglp.model.Pass;
import dev.sglp.model.repair.LastMap;
import dev.sglp.model.repair.LastMap.Fit;
import dev.sglp.model.repair.LastMap.Matrix;
import dev.sglp.model.repair.RepairNeed;
import dev.sglp.progress.Progress;
import dev.sglp.repair.Repaired.Change;
import dev.sglp.repair.Repaired.LayerFit;
import dev.sglp.repair.solver.Aim;
import dev.sglp.repair.solver.LeastSquares;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Tensors;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/// ReplaceMe's linear transform: what the MLP before a gap gives, `m`, is multiplied by the `T` that minimises `Σ ‖m T − (y − r)‖²`, y the
/// dense stream behind the gap and r what is added to m. It goes into the MLP's last map, `W ← Tᵀ W`. Rows are not weighed, and T is not
/// held back but for what a Cholesky factor needs.
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

    @Override
    public boolean fits() {
        return true;
    }

    @Override
    public Repaired mended(RepairTask task, Progress progress) {
        var repaired = new Repaired(task.dense(), task.removed());
        if (task.removed().size() == 0) {
            return repaired;
        }
        int first = task.removed().indices().getFirst();
        var kept = task.kept();
        task.reserve(task::beforeGap, 2, progress); // as fitted, and rounded
        if (first == 0) {
            repaired.note(Refit.FIRST);
        }
        try (var streams = new Streams(task, Integer.MAX_VALUE);
                var step = progress.step("repairing", kept.size(), "layers")) {
            for (int place = 0; place < kept.size(); place++) {
                int layer = kept.get(place);
                int next = task.successor(place);
                streams.denseTo(next);
                if (next < first) {
                    streams.smallerIsDense();
                } else {
                    try (var _ = Scope.open()) {
                        streams.smallerThrough(task.beforeGap(layer)
                                ? mended(task, layer, next, streams, repaired)
                                : task.dense().layers().get(layer));
                    }
                }
                step.advance(1);
            }
            return repaired;
        } catch (RuntimeException | Error e) {
            repaired.close();
            throw e;
        }
    }

    /// As it was fitted before, or is now.
    private static Layer mended(RepairTask task, int index, int next, Streams streams, Repaired repaired) {
        var dense = task.dense().layers().get(index);
        var known = task.memory().find(index);
        if (known.isPresent()) {
            var changed = dense.replacing(Refit.there(task, known.get().tensors()));
            repaired.add(new Change(index, changed, known.get().fit()));
            return changed;
        }
        var end = Streams.end(dense);
        var matrix = end.matrix();
        if (matrix.isEmpty()) {
            repaired.note("Layer %d (%s) is left as it is: it does not end in a single matrix.".formatted(index,
                    dense.name()));
            return dense;
        }
        try (var sums = new Sums(end, matrix.get(), streams)) {
            var found = sums.solution();
            if (found.isEmpty()) {
                repaired.note("Layer %d (%s) is left as it is: its sums have no Cholesky factor."
                        .formatted(index, dense.name()));
                return dense;
            }
            var aim = task.dense().layers().get(next - 1);
            var change = times(matrix.get(), found.get().map().to(ScalarType.Float));
            var changed = Refit.stored(end.fitted(change, aim), dense, task.written());
            var quality = sums.quality(index, found.get());
            repaired.add(new Change(index, changed, quality));
            task.memory().keep(new RepairTask.Fitted(Repaired.differing(dense, changed), quality));
            return changed;
        }
    }

    /// The change of a map whose output is multiplied by `1 + map`.
    private static Fit times(Matrix matrix, Tensor map) {
        return new Fit(map.t().mm(matrix.weight()), matrix.bias().map(bias -> bias.unsqueeze(0).mm(map).squeeze(0)),
                map);
    }

    /// The sums of one layer, of each half of the data.
    private static final class Sums implements AutoCloseable {
        private final LastMap end;
        private final Matrix matrix;
        private final Streams streams;
        private final LeastSquares[] halves = new LeastSquares[2];
        private final double[] aims = new double[2]; // Σ ‖y‖²

        Sums(LastMap end, Matrix matrix, Streams streams) {
            this.end = end;
            this.matrix = matrix;
            this.streams = streams;
            Arrays.setAll(halves, _ -> new LeastSquares(matrix.weight().size(0)));
            streams.batches().each(this::add);
        }

        private void add(int batch) {
            var run = end.run(streams.smaller(batch), Pass.evaluation());
            var layout = streams.positions().layout();
            var at = streams.positions().of(run.sum(), streams.batches().padding(batch),
                    streams.batches().first(batch));
            var y = Aim.rows(layout, streams.target(batch), at);
            int half = Batches.half(batch);
            aims[half] += Tensors.toDoubles(y.square().sum(new ScalarTypeOptional(ScalarType.Double)))[0];
            halves[half].add(matrix.of(end.rows(run.inner(), at).to(ScalarType.Float)),
                    y.sub(Aim.rows(layout, run.sum(), at)));
        }

        Optional<LeastSquares.Solution> solution() {
            halves[0].add(halves[1]);
            return halves[0].solve(RIDGE);
        }

        LayerFit quality(int layer, LeastSquares.Solution found) {
            double aim = aims[0] + aims[1];
            return new LayerFit(layer, found.lambda(), halves[0].energy() / aim, halves[0].error(found.map()) / aim);
        }

        @Override
        public void close() {
            Arrays.stream(halves).forEach(LeastSquares::close);
        }
    }
}
