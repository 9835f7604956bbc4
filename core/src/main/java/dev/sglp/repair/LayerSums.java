package dev.sglp.repair;

import dev.sglp.model.Pass;
import dev.sglp.model.repair.LastMap;
import dev.sglp.model.repair.LastMap.Fit;
import dev.sglp.model.repair.LastMap.Run;
import dev.sglp.repair.Repaired.LayerFit;
import dev.sglp.repair.solver.Aim;
import dev.sglp.repair.solver.LeastSquares;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Tensors;
import java.util.Optional;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/// The sums of one layer, of each half of the data.
final class LayerSums implements AutoCloseable {
    private final LastMap end;
    private final Streams streams;
    private final LeastSquares[] halves = new LeastSquares[2];
    private final double[] aims = new double[2]; // Σ ‖y‖² of the rows as they are weighed
    private final @Nullable Run[] runs;

    LayerSums(LastMap end, Streams streams) {
        this.end = end;
        this.streams = streams;
        this.runs = new Run[streams.batches().count()];
    }

    LastMap end() {
        return end;
    }

    /// The output with another last map, where the pass was kept.
    Optional<Tensor> through(int batch, LastMap changed) {
        return Optional.ofNullable(runs[batch]).flatMap(run -> end.sum(run, changed)).map(changed::output);
    }

    private void keep(int batch, Run run) {
        if (Refit.isKept(batch, run)) {
            runs[batch] = new Run(Scope.own(run.inner()), Scope.own(run.sum()));
        }
    }

    void add(int batch) {
        var run = end.run(streams.smaller(batch), Pass.evaluation());
        keep(batch, run);
        var at = streams.positions().of(run.sum(), streams.batches().padding(batch),
                streams.batches().first(batch));
        var aim = Aim.of(streams.positions().layout(), end, run, streams.target(batch), at);
        int half = Batches.half(batch);
        aims[half] += Tensors.toDoubles(aim.y().square().sum(new ScalarTypeOptional(ScalarType.Double)))[0];
        if (halves[half] == null) {
            halves[half] = new LeastSquares(aim.u().size(1), end);
        }
        halves[half].add(aim.u(), aim.y().sub(aim.o()));
    }

    Optional<LeastSquares.Solution> solution(double ridge) {
        if (halves[1] != null) {
            halves[0].add(halves[1]);
        }
        return halves[0].solve(ridge);
    }

    /// @param map `ΔWᵀ`, `[f, D]`
    Fit fit(Tensor map) {
        long f = map.size(0) - (end.shifts() ? 1 : 0);
        return new Fit(map.narrow(0, 0, f).t(), end.shifts() ? Optional.of(map.select(0, f)) : Optional.empty(),
                end.shifts() ? halves[0].moments() : map);
    }

    LayerFit quality(int layer, LeastSquares.Solution found) {
        double aim = aims[0] + aims[1];
        return new LayerFit(layer, found.lambda(), halves[0].energy() / aim, halves[0].error(found.map()) / aim);
    }

    @Override
    public void close() {
        for (var half : halves) {
            if (half != null) {
                half.close();
            }
        }
        for (var run : runs) {
            if (run != null) {
                Scope.free(run.inner());
                Scope.free(run.sum());
            }
        }
    }
}
