package dev.sglp.repair;

import dev.sglp.fault.UsageException;
import dev.sglp.model.Layer;
import dev.sglp.model.Pass;
import dev.sglp.model.repair.LastMap;
import dev.sglp.model.repair.LastMap.Fit;
import dev.sglp.model.repair.LastMap.Run;
import dev.sglp.model.repair.RepairNeed;
import dev.sglp.progress.Progress;
import dev.sglp.repair.Repaired.Change;
import dev.sglp.repair.Repaired.LayerFit;
import dev.sglp.repair.solver.LeastSquares;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Tensors;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/// Each kept layer from the last one before the first gap on is fitted to the dense stream at its successor's input, front to back,
/// each on what the fitted layers before it give: `ΔW` minimises `Σ ‖u ΔWᵀ − (y − o)‖² / ms(y) + λ g ‖ΔW‖²` with `u` what the layer's last
/// map multiplies, `o` the layer's output and `y` its aim. Where layers add to no stream of
/// vectors (convolutional networks), rows are not divided by their mean square.
///
/// @param ridge   λ; {@link #OWN}: the family's own
/// @param gaps    whether only the layers before a gap are fitted
/// @param places  of each image or signal, at most so many positions take part, in its factors too
/// @param scaled  whether what is left is scaled as well ({@link Scale}): what a layer adds is divided by `c`, the factors of the gaps before
///                it, and it aims at `y / c`, with the `c` of its successor; a gap's factor is that of what the fitted layers before it give
public record Refit(double ridge, boolean gaps, int places, boolean scaled) implements Repair {
    /// The family's own ridge.
    public static final double OWN = 0;
    static final String FIRST = "The gap at the beginning has no layer before it, and is not mended.";
    private static final int PLACES = 64;
    private static final int DIVIDED = 4; // two maps, as divided and rounded
    /// Bytes that are kept at the most of passes that need not be run again.
    public static final long KEPT = 1L << 29;

    public Refit {
        if (!(ridge >= 0 && Double.isFinite(ridge))) {
            throw new UsageException("--repair-ridge is positive, got " + ridge);
        }
    }

    /// Some positions of every image.
    public Refit(double ridge, boolean gaps) {
        this(ridge, gaps, PLACES, false);
    }

    /// The family's own ridge, all layers.
    public static Refit standard() {
        return new Refit(OWN, false);
    }

    /// The same behind {@link Scale}.
    public static Refit behindScale() {
        return new Refit(OWN, false, PLACES, true);
    }

    /// The same with another ridge and other layers.
    public Refit with(double otherRidge, boolean gapsAlone) {
        return new Refit(otherRidge, gapsAlone, places, scaled);
    }

    @Override
    public String name() {
        return scaled ? "scale-refit" : "refit";
    }

    @Override
    public String words() {
        return "λ %s, %s%s".formatted(ridge == OWN ? "of the family" : Double.toString(ridge),
                gaps ? "the layer before each gap" : "every layer from the first gap on",
                scaled ? ", what is left scaled" : "");
    }

    @Override
    public String source() {
        return "least squares, layer by layer; the class of maps contains ReplaceMe's, arXiv 2505.02819";
    }

    @Override
    public boolean fits() {
        return true;
    }

    @Override
    public Set<RepairNeed> needs() {
        return scaled ? EnumSet.of(RepairNeed.LAST_MAP, RepairNeed.NORMED_STREAM) : Set.of(RepairNeed.LAST_MAP);
    }

    /// A gap is seen as it would be mended without a factor.
    @Override
    public Optional<GapMaps> view(RepairTask task, int longest, Progress progress) {
        return Optional.of(GapMaps.of(task, longest, ridge, progress));
    }

    @Override
    public Optional<Repair> beforeGaps() {
        return Optional.of(with(ridge, true));
    }

    @Override
    public Repaired mended(RepairTask task, Progress progress) {
        var repaired = new Repaired(task.dense(), task.removed());
        if (task.removed().size() == 0) {
            return repaired;
        }
        if (gaps && !scaled && task.removed().contains(0)) {
            repaired.note(FIRST);
        }
        int first = task.removed().indices().getFirst();
        task.reserve(i -> gaps && !scaled ? task.beforeGap(i) : i >= first - 1,
                2 * task.maps() + (scaled ? 2 * DIVIDED : 0), progress); // as fitted, and rounded
        if (known(task, repaired)) {
            return repaired;
        }
        var kept = task.kept();
        int last = gaps && !scaled ? task.lastBeforeGap() : kept.getLast();
        try (var streams = new Streams(task, places); var step = progress.step("repairing", kept.size(), "layers")) {
            double factor = scaled ? Scale.atFirst(task, streams) : 1;
            for (int place = 0; place < kept.size() && kept.get(place) <= last; place++) {
                int next = task.successor(place);
                streams.denseTo(next);
                double own = factor;
                factor *= scaled ? Scale.behind(task, place, own, streams) : 1;
                streams.aim(factor);
                if (next < first) {
                    streams.smallerIsDense();
                } else {
                    behind(task, kept.get(place), next, own, streams, repaired);
                }
                step.advance(1);
            }
            step.advance(kept.stream().filter(layer -> layer > last).count());
            return repaired;
        } catch (RuntimeException | Error e) {
            repaired.close();
            throw e;
        }
    }

    /// Takes the smaller stream through a layer, fitted where it is to be.
    ///
    /// @param next the layer that its output goes to
    private void behind(RepairTask task, int layer, int next, double factor, Streams streams, Repaired repaired) {
        try (var _ = Scope.open()) {
            var begun = begun(task, layer, factor);
            if (gaps && !task.beforeGap(layer)) {
                left(new Fitted(layer, begun, begun), streams, repaired);
            } else {
                fit(task, new Fitted(layer, begun, task.dense().layers().get(next - 1)), streams, repaired);
            }
        }
    }

    /// Takes all layers as they were fitted before, where none is left to fit: nothing need be run.
    private boolean known(RepairTask task, Repaired repaired) {
        var fitted = task.kept().stream().filter(layer -> fitted(task, layer)).toList();
        if (scaled || !fitted.stream().allMatch(task.memory()::has)) {
            return false;
        }
        try {
            fitted.forEach(layer -> Scope.run(
                    () -> add(task, layer, task.memory().find(layer).orElseThrow(), repaired)));
            return true;
        } catch (RuntimeException | Error e) {
            repaired.close();
            throw e;
        }
    }

    private boolean fitted(RepairTask task, int layer) {
        return gaps ? task.beforeGap(layer) : layer >= task.removed().indices().getFirst() - 1;
    }

    /// A layer as it was fitted before.
    private static Layer add(RepairTask task, int index, RepairTask.Fitted found, Repaired repaired) {
        var changed = task.dense().layers().get(index).replacing(there(task, found.tensors()));
        repaired.add(new Change(index, changed, found.fit()));
        found.notes().forEach(repaired::note);
        return changed;
    }

    /// What a fit begins with, in the scope that is open.
    private static Layer begun(RepairTask task, int index, double factor) {
        return factor == 1 ? task.dense().layers().get(index) : Scale.divided(task, index, factor);
    }

    /// A layer that is not fitted: takes the smaller stream through it.
    private static void left(Fitted fitted, Streams streams, Repaired repaired) {
        repaired.addIfChanged(Scale.unfitted(fitted.index, fitted.layer));
        streams.smallerThrough(fitted.layer);
    }

    /// Fits a layer and takes the smaller stream through it.
    private void fit(RepairTask task, Fitted fitted, Streams streams, Repaired repaired) {
        var layer = fitted.layer;
        var end = Streams.end(layer);
        if (end.freedom() == LastMap.Freedom.NOTHING && end.routed().isEmpty()) {
            repaired.note("Layer %d (%s) is left as it is: it ends in several maps, and each sees some tokens."
                    .formatted(fitted.index, layer.name()));
            left(fitted, streams, repaired);
            return;
        }
        if (remembered(task, fitted, streams, repaired)) {
            return;
        }
        if (end.routed().isPresent()) {
            experts(task, fitted, streams, repaired);
            return;
        }
        try (var sums = new Sums(end, streams)) {
            streams.batches().each(sums::add);
            var changed = change(task, fitted, sums, repaired);
            if (changed.isEmpty()) {
                repaired.note("Layer %d (%s) is left as it is: its sums have no Cholesky factor."
                        .formatted(fitted.index, layer.name()));
                left(fitted, streams, repaired);
                return;
            }
            var other = Streams.end(changed.get());
            streams.batches().each(b -> streams.smaller(b, sums.through(b, other)
                    .orElseGet(() -> changed.get().forward(streams.smaller(b), Pass.evaluation()))));
        }
    }

    /// Tensors where the network is.
    static Map<String, Tensor> there(RepairTask task, Map<String, Tensor> found) {
        var device = task.dense().device();
        var all = new LinkedHashMap<>(found);
        all.replaceAll((_, tensor) -> device.moved(tensor));
        return all;
    }

    /// Fits a layer's experts and takes the smaller stream through it.
    private void experts(RepairTask task, Fitted fitted, Streams streams, Repaired repaired) {
        int index = fitted.index;
        var layer = fitted.layer;
        var dense = task.dense().layers().get(index);
        try (var _ = Scope.open()) {
            var changed = layer.held(held -> {
                var maps = Streams.end(held).routed().orElseThrow();
                try (var fit = new ExpertsFit(maps, streams)) {
                    var quality = fit.fit(index, ridge == OWN ? maps.ridge() : ridge);
                    var notes = fit.notes(index, layer.name());
                    notes.forEach(repaired::note);
                    if (fit.tensors().isEmpty()) {
                        repaired.addIfChanged(Scale.unfitted(index, layer));
                        return layer;
                    }
                    var found = stored(layer.replacing(fit.tensors()), dense, task.written());
                    repaired.add(new Change(index, found, quality));
                    task.memory().keep(new RepairTask.Fitted(Repaired.differing(dense, found), quality, notes));
                    return found;
                }
            });
            streams.smallerThrough(changed);
        }
    }

    /// Takes the smaller stream through the layer as it was fitted before, in the same way.
    private static boolean remembered(RepairTask task, Fitted fitted, Streams streams, Repaired repaired) {
        int index = fitted.index;
        var before = Streams.end(fitted.layer);
        try (var _ = Scope.open()) {
            return task.memory().find(index).map(found -> {
                var changed = add(task, index, found, repaired);
                var after = Streams.end(changed);
                streams.batches().each(b -> {
                    var run = before.run(streams.smaller(b), Pass.evaluation());
                    var sum = isKept(b, run) ? before.sum(run, after) : Optional.<Tensor>empty();
                    streams.smaller(b, sum.map(after::output)
                            .orElseGet(() -> changed.forward(streams.smaller(b), Pass.evaluation())));
                });
                return true;
            }).orElse(false);
        }
    }

    /// @param index of the layer
    /// @param layer as it is before it is fitted
    /// @param aim   the layer whose sum it is fitted to
    private record Fitted(int index, Layer layer, Layer aim) {}

    /// What it takes is gone before the stream goes on.
    private Optional<Layer> change(RepairTask task, Fitted fitted, Sums sums, Repaired repaired) {
        int index = fitted.index;
        var dense = task.dense().layers().get(index);
        try (var _ = Scope.open()) {
            return sums.solution(ridge == OWN ? sums.end.ridge() : ridge).map(found -> {
                var quality = sums.quality(index, found);
                var changed = stored(sums.end.fitted(sums.fit(found.map()), fitted.aim), dense, task.written());
                repaired.add(new Change(index, changed, quality));
                task.memory().keep(new RepairTask.Fitted(Repaired.differing(dense, changed), quality));
                return changed;
            });
        }
    }

    /// By its number, so that it does not depend on who comes first.
    private static boolean isKept(int batch, Run run) {
        return haveRoom(batch + 1, run.inner(), run.sum());
    }

    /// Whether so many times these may be kept of a pass.
    static boolean haveRoom(long times, Tensor... tensors) {
        return times * Arrays.stream(tensors).mapToLong(Tensor::nbytes).sum() <= KEPT;
    }

    /// On tensors as they will be stored.
    static Layer stored(Layer changed, Layer before, RepairTask.Written written) {
        Map<Long, Tensor> rounded = new LinkedHashMap<>();
        Repaired.differing(before, changed)
                .forEach((name, tensor) -> rounded.put(Tensors.identity(tensor), written.stored(name, tensor)));
        return changed.mapped(tensor -> rounded.getOrDefault(Tensors.identity(tensor), tensor));
    }

    /// The sums of one layer, of each half of the data.
    private static final class Sums implements AutoCloseable {
        private final LastMap end;
        private final Streams streams;
        private final LeastSquares[] halves = new LeastSquares[2];
        private final double[] aims = new double[2]; // Σ ‖y‖² of the rows as they are weighed
        private final @Nullable Run[] runs;

        Sums(LastMap end, Streams streams) {
            this.end = end;
            this.streams = streams;
            this.runs = new Run[streams.batches().count()];
        }

        /// The output with another last map, where the pass was kept.
        Optional<Tensor> through(int batch, LastMap changed) {
            return Optional.ofNullable(runs[batch]).flatMap(run -> end.sum(run, changed)).map(changed::output);
        }

        private void keep(int batch, Run run) {
            if (isKept(batch, run)) {
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
}
