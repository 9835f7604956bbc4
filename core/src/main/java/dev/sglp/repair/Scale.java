package dev.sglp.repair;

import dev.sglp.fault.UsageException;
import dev.sglp.model.Layer;
import dev.sglp.model.Layout;
import dev.sglp.model.LinearHead;
import dev.sglp.model.Part;
import dev.sglp.model.transformer.norm.Norm;
import dev.sglp.progress.Progress;
import dev.sglp.repair.Repaired.Change;
import dev.sglp.repair.Repaired.LayerFit;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Tensors;
import java.util.Optional;
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
    public Optional<String> hindrance(Layout layout) {
        return layout.stream() ? Optional.empty() : Optional.of(NEEDS);
    }

    /// @throws UsageException where a layer's stream cannot be scaled behind it
    @Override
    public Repaired repair(RepairTask task, Progress progress) {
        var repaired = new Repaired(task.dense(), task.removed());
        var kept = task.kept();
        task.reserve(0, 4, progress); // two maps, as divided and rounded
        try (var streams = new Streams(task, Integer.MAX_VALUE);
                var step = progress.step("scaling", kept.size(), "layers")) {
            double factor = 1;
            if (kept.getFirst() > 0) {
                streams.denseTo(kept.getFirst());
                factor = factor(streams, 1);
            }
            for (int place = 0; place < kept.size(); place++) {
                int index = kept.get(place);
                int next = task.successor(place);
                var layer = factor == 1
                        ? task.dense().layers().get(index)
                        : divided(task, index, factor, repaired);
                streams.denseTo(next);
                streams.smallerThrough(layer);
                if (next > index + 1 && place + 1 < kept.size()) {
                    factor *= factor(streams, factor);
                } else if (next > index + 1) {
                    repaired.note("The gap at the end has no layer behind it: a factor would have no effect.");
                }
                step.advance(1);
            }
            return repaired;
        } catch (RuntimeException | Error e) {
            repaired.close();
            throw e;
        }
    }

    private static Layer divided(RepairTask task, int index, double factor, Repaired repaired) {
        var layer = task.dense().layers().get(index);
        try (var _ = Scope.open()) {
            var changed = Streams.end(layer).divided(factor).filter(_ -> normed(task.dense().head()))
                    .map(found -> Refit.stored(found, layer, task.written()))
                    .orElseThrow(() -> new UsageException(
                            "%s, and %s of a %s is not. Use --repair refit".formatted(NEEDS, layer.name(),
                                    task.dense().family())));
            repaired.add(new Change(index, changed, new LayerFit(index, 0, Double.NaN, Double.NaN)));
            return changed;
        }
    }

    /// Whether logits do not see a factor.
    private static boolean normed(Part head) {
        return !(head instanceof LinearHead linear && linear.prepare() instanceof Norm.None);
    }

    /// What the smaller stream, times the factor so far, would have to be multiplied by.
    private static double factor(Streams streams, double soFar) {
        var sums = new double[2][streams.batches().count()][];
        streams.batches().each(b -> {
            sums[0][b] = absolute(streams.dense(b), streams, b);
            sums[1][b] = absolute(streams.smaller(b), streams, b);
        });
        double ratios = 0;
        int channels = sums[0][0].length;
        for (int k = 0; k < channels; k++) {
            double y = 0;
            double x = 0;
            for (int b = 0; b < sums[0].length; b++) {
                y += sums[0][b][k];
                x += sums[1][b][k];
            }
            ratios += y / (x * soFar);
        }
        return ratios / channels;
    }

    /// `Σ|x_k|` over the real tokens of a batch.
    private static double[] absolute(Tensor stream, Streams streams, int batch) {
        var rows = streams.positions().layout().positions(stream)
                .index_select(0, streams.positions().of(stream, streams.batches().padding(batch),
                        streams.batches().first(batch)));
        return Tensors.toDoubles(rows.abs().sum(ROWS, false, new ScalarTypeOptional(ScalarType.Double)));
    }
}
