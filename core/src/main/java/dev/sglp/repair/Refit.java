package dev.sglp.repair;

import dev.sglp.fault.UsageException;
import dev.sglp.model.Layer;
import dev.sglp.model.Pass;
import dev.sglp.model.repair.LastMap;
import dev.sglp.model.repair.LastMap.Run;
import dev.sglp.model.repair.RepairNeed;
import dev.sglp.progress.Progress;
import dev.sglp.repair.Repaired.Change;
import dev.sglp.repair.Repaired.LayerFit;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Tensors;
import dev.sglp.training.blockwise.LayerFit.Examples;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;

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

    @Override
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
    public Optional<Refit> leastSquares() {
        return Optional.of(this);
    }

    /// What is done to a layer after its last map was fitted.
    public interface Further {
        /// @param fitted   the layer as least squares left it
        /// @param examples what it reads, and what it is to say
        /// @return its tensors as they become, in the scope that is open; empty where it stays
        Optional<Moved> of(Change fitted, Examples examples);
    }

    /// @param tensors of a layer, by their names
    /// @param fit     how well it fits with them
    public record Moved(Map<String, Tensor> tensors, LayerFit fit) {}

    @Override
    public Repaired mended(RepairTask task, Progress progress) {
        return mended(task, Optional.empty(), progress);
    }

    /// The same, where more is done to each layer that is fitted.
    public Repaired mended(RepairTask task, Optional<Further> further, Progress progress) {
        var repaired = new Repaired(task.dense(), task.removed());
        if (task.removed().size() == 0) {
            return repaired;
        }
        if (gaps && !scaled && task.removed().contains(0)) {
            repaired.note(FIRST);
        }
        int first = task.removed().indices().getFirst();
        task.reserve(i -> gaps && !scaled ? task.beforeGap(i) : i >= first - 1,
                2 * task.maps() + (scaled ? 2 * DIVIDED : 0) + (further.isPresent() ? 2 * task.ofLayer() : 0),
                progress); // as fitted, and rounded
        if (known(task, repaired)) {
            return repaired;
        }
        var kept = task.kept();
        int last = gaps && !scaled ? task.lastBeforeGap() : kept.getLast();
        try (var streams = new Streams(task, places); var step = progress.step("repairing", kept.size(), "layers")) {
            var walk = new Walk(task, streams, repaired, further);
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
                    behind(walk, kept.get(place), next, own);
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

    /// A repair on its way.
    private record Walk(RepairTask task, Streams streams, Repaired repaired, Optional<Further> further) {
        /// A layer that is not fitted: takes the smaller stream through it.
        void left(Fitted fitted) {
            repaired.addIfChanged(Scale.unfitted(fitted.index, fitted.layer));
            streams.smallerThrough(fitted.layer);
        }

        /// Does more to a layer that was fitted, and remembers it.
        ///
        /// @return whether it did
        boolean finished(Change fitted, List<String> notes) {
            var dense = task.dense().layers().get(fitted.index());
            try (var _ = Scope.open()) {
                var more = further.flatMap(then -> then.of(fitted, streams)).map(found -> {
                    var rounded = new LinkedHashMap<>(found.tensors());
                    rounded.replaceAll((name, tensor) -> task.written().stored(name, tensor));
                    return new Change(fitted.index(), fitted.layer().replacing(rounded), found.fit());
                });
                more.ifPresent(repaired::replaceLast);
                if (further.isPresent() && more.isEmpty()) {
                    repaired.note("Layer %d (%s) is left as least squares have it: by gradient it came no nearer."
                            .formatted(fitted.index(), dense.name()));
                }
                var last = more.orElse(fitted);
                task.memory().keep(
                        new RepairTask.Fitted(Repaired.differing(dense, last.layer()), last.fit(), notes));
                if (further.isPresent()) {
                    streams.smallerThrough(last.layer());
                }
                return further.isPresent();
            }
        }
    }

    /// Takes the smaller stream through a layer, fitted where it is to be.
    ///
    /// @param next the layer that its output goes to
    private void behind(Walk walk, int layer, int next, double factor) {
        try (var _ = Scope.open()) {
            var begun = begun(walk.task, layer, factor);
            if (gaps && !walk.task.beforeGap(layer)) {
                walk.left(new Fitted(layer, begun, begun));
            } else {
                fit(walk, new Fitted(layer, begun, walk.task.dense().layers().get(next - 1)));
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

    /// Fits a layer and takes the smaller stream through it.
    private void fit(Walk walk, Fitted fitted) {
        var layer = fitted.layer;
        var streams = walk.streams;
        var end = Streams.end(layer);
        if (end.freedom() == LastMap.Freedom.NOTHING && end.routed().isEmpty()) {
            walk.repaired.note("Layer %d (%s) is left as it is: it ends in several maps, and each sees some tokens."
                    .formatted(fitted.index, layer.name()));
            walk.left(fitted);
            return;
        }
        if (remembered(walk, fitted)) {
            return;
        }
        if (end.routed().isPresent()) {
            experts(walk, fitted);
            return;
        }
        Optional<Change> changed;
        try (var sums = new LayerSums(end, streams)) {
            streams.batches().each(sums::add);
            changed = change(walk.task, fitted, sums, walk.repaired);
            if (changed.isPresent() && walk.further.isEmpty()) {
                var found = changed.get().layer();
                var other = Streams.end(found);
                streams.batches().each(b -> streams.smaller(b, sums.through(b, other)
                        .orElseGet(() -> found.forward(streams.smaller(b), Pass.evaluation()))));
            }
        }
        changed.ifPresentOrElse(found -> walk.finished(found, List.of()), () -> {
            walk.repaired.note("Layer %d (%s) is left as it is: its sums have no Cholesky factor."
                    .formatted(fitted.index, layer.name()));
            walk.left(fitted);
        });
    }

    /// Tensors where the network is.
    static Map<String, Tensor> there(RepairTask task, Map<String, Tensor> found) {
        var device = task.dense().device();
        var all = new LinkedHashMap<>(found);
        all.replaceAll((_, tensor) -> device.moved(tensor));
        return all;
    }

    /// Fits a layer's experts and takes the smaller stream through it.
    private void experts(Walk walk, Fitted fitted) {
        int index = fitted.index;
        var layer = fitted.layer;
        var task = walk.task;
        try (var _ = Scope.open()) {
            var notes = new ArrayList<String>();
            var changed = layer.held(held -> {
                var maps = Streams.end(held).routed().orElseThrow();
                try (var fit = new ExpertsFit(maps, walk.streams)) {
                    var quality = fit.fit(index, ridge == OWN ? maps.ridge() : ridge);
                    notes.addAll(fit.notes(index, layer.name()));
                    return fit.tensors().isEmpty()
                            ? Optional.<Change>empty()
                            : Optional.of(new Change(index, stored(layer.replacing(fit.tensors()),
                                    task.dense().layers().get(index), task.written()), quality));
                }
            });
            notes.forEach(walk.repaired::note);
            if (changed.isEmpty()) {
                walk.left(fitted);
                return;
            }
            walk.repaired.add(changed.get());
            if (!walk.finished(changed.get(), notes)) {
                walk.streams.smallerThrough(changed.get().layer());
            }
        }
    }

    /// Takes the smaller stream through the layer as it was fitted before, in the same way.
    private static boolean remembered(Walk walk, Fitted fitted) {
        var before = Streams.end(fitted.layer);
        var streams = walk.streams;
        try (var _ = Scope.open()) {
            return walk.task.memory().find(fitted.index).map(found -> {
                var changed = add(walk.task, fitted.index, found, walk.repaired);
                if (walk.further.isPresent()) {
                    streams.smallerThrough(changed);
                    return true;
                }
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
    private Optional<Change> change(RepairTask task, Fitted fitted, LayerSums sums, Repaired repaired) {
        int index = fitted.index;
        var dense = task.dense().layers().get(index);
        try (var _ = Scope.open()) {
            var changed = sums.solution(ridge == OWN ? sums.end().ridge() : ridge).map(found -> new Change(index,
                    stored(sums.end().fitted(sums.fit(found.map()), fitted.aim), dense, task.written()),
                    sums.quality(index, found)));
            changed.ifPresent(repaired::add);
            return changed;
        }
    }

    /// By its number, so that it does not depend on who comes first.
    static boolean isKept(int batch, Run run) {
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
}
