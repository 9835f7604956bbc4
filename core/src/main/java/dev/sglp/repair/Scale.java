package dev.sglp.repair;

import dev.sglp.fault.UsageException;
import dev.sglp.model.Layer;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.Layout;
import dev.sglp.model.LinearHead;
import dev.sglp.model.Part;
import dev.sglp.model.Pass;
import dev.sglp.model.repair.LastMap;
import dev.sglp.model.repair.RepairNeed;
import dev.sglp.model.transformer.norm.Norm;
import dev.sglp.progress.Progress;
import dev.sglp.repair.Repaired.Change;
import dev.sglp.repair.Repaired.LayerFit;
import dev.sglp.repair.solver.Positions;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Tensors;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/// Prune&Comp's factor for each gap (AAAI 2026): `α`, the mean over channels of `Σ|y_k| / Σ|x_k|`, y the dense stream behind the gap and x
/// what arrives there. The stream is not multiplied by it: everything that later layers add is divided by the product of the
/// factors before them, which is the same to a network whose stream is read through a final norm, and leaves embedding and tied
/// heads alone.
public record Scale() implements Repair {
    private static final long[] ROWS = {0};
    private static final String NEEDS = "--repair scale is for networks whose stream is read through a final norm";

    @Override
    public String name() {
        return "scale";
    }

    @Override
    public String source() {
        return "Prune&Comp, AAAI 2026";
    }

    @Override
    public Set<RepairNeed> needs() {
        return Set.of(RepairNeed.NORMED_STREAM);
    }

    /// Whether the stream of this network can be scaled behind every layer that may stay behind a gap.
    public static boolean allows(LayeredModel model) {
        return normed(model.head()) && model.layers().stream().skip(1)
                .allMatch(layer -> layer.lastMap().filter(LastMap::scalable).isPresent());
    }

    /// @throws UsageException where a layer's stream cannot be scaled behind it
    @Override
    public Repaired mended(RepairTask task, Progress progress) {
        var repaired = new Repaired(task.dense(), task.removed());
        task.reserve(_ -> true, 4, progress); // two maps, as divided and rounded
        try {
            walk(task, progress, (layer, factor) -> {
                var changed = divided(task, layer, factor);
                repaired.add(unfitted(layer, changed));
                return changed;
            });
            if (task.removed().contains(task.dense().layers().size() - 1)) {
                repaired.note("The gap at the end has no layer behind it: a factor would have no effect.");
            }
            return repaired;
        } catch (RuntimeException | Error e) {
            repaired.close();
            throw e;
        }
    }

    /// What becomes of a layer whose outputs are to be divided, in the scope that is open.
    private interface Divided {
        Layer by(int layer, double factor);
    }

    /// The factor of a gap at the beginning, 1 where there is none.
    static double atFirst(RepairTask task, Streams streams) {
        int kept = task.kept().getFirst();
        if (kept == 0) {
            return 1;
        }
        streams.denseTo(kept);
        return factor(streams, streams::smaller, 1);
    }

    /// The factor of the gap behind a layer that the smaller stream is about to enter, 1 where there is none.
    ///
    /// @param soFar the product of those before it
    /// @throws UsageException where its stream cannot be scaled behind it
    static double behind(RepairTask task, int place, double soFar, Streams streams) {
        int index = task.kept().get(place);
        if (task.successor(place) == index + 1 || place + 1 == task.kept().size()) {
            return 1;
        }
        try (var _ = Scope.open()) {
            var layer = soFar == 1 ? task.dense().layers().get(index) : divided(task, index, soFar);
            return factor(streams, b -> layer.forward(streams.smaller(b), Pass.evaluation()), soFar);
        }
    }

    /// Takes both streams through what is left.
    private static void walk(RepairTask task, Progress progress, Divided divided) {
        var kept = task.kept();
        try (var streams = new Streams(task, Integer.MAX_VALUE);
                var step = progress.step("scaling", kept.size(), "layers")) {
            double factor = atFirst(task, streams);
            for (int place = 0; place < kept.size(); place++) {
                int index = kept.get(place);
                int next = task.successor(place);
                streams.denseTo(next);
                try (var _ = Scope.open()) {
                    streams.smallerThrough(
                            factor == 1 ? task.dense().layers().get(index) : divided.by(index, factor));
                }
                if (next > index + 1 && place + 1 < kept.size()) {
                    factor *= factor(streams, streams::smaller, factor);
                }
                step.advance(1);
            }
        }
    }

    /// A layer with everything it adds divided, as it will be stored, in the scope that is open.
    ///
    /// @throws UsageException where its stream cannot be scaled behind it
    static Layer divided(RepairTask task, int index, double factor) {
        var layer = task.dense().layers().get(index);
        return Streams.end(layer).divided(factor).filter(_ -> normed(task.dense().head()))
                .map(found -> Refit.stored(found, layer, task.written()))
                .orElseThrow(() -> new UsageException(
                        "%s, and %s of a %s is not. Use --repair refit".formatted(NEEDS, layer.name(),
                                task.dense().family())));
    }

    /// Of a layer that was divided and nothing else.
    static Change unfitted(int index, Layer changed) {
        return new Change(index, changed, new LayerFit(index, 0, Double.NaN, Double.NaN));
    }

    /// Whether logits do not see a factor.
    private static boolean normed(Part head) {
        return !(head instanceof LinearHead linear && linear.prepare() instanceof Norm.None);
    }

    /// What the smaller stream, times the factor so far, would have to be multiplied by.
    ///
    /// @param arriving the smaller stream at the gap, of a batch
    private static double factor(Streams streams, IntFunction<Tensor> arriving, double soFar) {
        int batches = streams.batches().count();
        var y = new double[batches][];
        var x = new double[batches][];
        streams.batches().each(b -> {
            y[b] = sizes(streams.positions(), streams.dense(b), streams.batches().padding(b),
                    streams.batches().first(b));
            x[b] = sizes(streams.positions(), arriving.apply(b), streams.batches().padding(b),
                    streams.batches().first(b));
        });
        return factor(sum(y), sum(x), soFar);
    }

    private static double[] sum(double[][] batches) {
        var sum = new double[batches[0].length];
        for (var batch : batches) {
            Arrays.setAll(sum, k -> sum[k] + batch[k]);
        }
        return sum;
    }

    /// `α` from the {@linkplain #sizes sizes} of two streams.
    ///
    /// @param y     the dense one's
    /// @param x     the smaller one's
    /// @param soFar by what that one has to be multiplied already
    public static double factor(double[] y, double[] x, double soFar) {
        return IntStream.range(0, y.length).mapToDouble(k -> y[k] / (x[k] * soFar)).average().orElseThrow();
    }

    /// `Σ|x_k|` of each channel over the real tokens of a stream.
    ///
    /// @param padding where there is none
    public static double[] sizes(Layout layout, Tensor stream, Optional<Tensor> padding) {
        return sizes(new Positions(layout, Integer.MAX_VALUE), stream, padding, 0);
    }

    private static double[] sizes(Positions positions, Tensor stream, Optional<Tensor> padding, int first) {
        var rows = positions.layout().positions(stream).index_select(0, positions.of(stream, padding, first));
        return Tensors.toDoubles(rows.abs().sum(ROWS, false, new ScalarTypeOptional(ScalarType.Double)));
    }
}
