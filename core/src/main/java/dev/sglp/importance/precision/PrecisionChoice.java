package dev.sglp.importance.precision;

import dev.sglp.importance.Criterion;
import dev.sglp.importance.ScoringTask;
import dev.sglp.importance.ScoringTask.Calibration;
import dev.sglp.model.LayerSet;
import dev.sglp.model.Layout;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.Pass.Precision;
import dev.sglp.progress.Progress;
import dev.sglp.segmentation.Segmentation.Segment;
import dev.sglp.tensor.speed.SpeedProbe;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/// In which precision sets of layers are scored, and why.
///
/// @param why one sentence for the user; empty where float32 was asked for
public record PrecisionChoice(Precision precision, String why) {
    private static final int CHECKED = 4; // layers scored in both precisions
    private static final double TIE = 0.02; // scores nearer than this part of the larger count as equal

    /// What the user asks for.
    public enum Wish {
        FLOAT32, BFLOAT16,
        /// bfloat16 where the memory has room for it, this machine is measured to be faster at it, and it orders a few layers as float32
        /// does.
        AUTO
    }

    /// What is taken where the user asks for nothing.
    ///
    /// @param layout  of the network
    /// @param several whether the plans of several methods are compared, so that scoring takes most of the time
    public static Wish usual(Layout layout, boolean several) {
        return several && layout.tokens() ? Wish.AUTO : Wish.FLOAT32;
    }

    /// What is measured only where the memory has room for weights in bfloat16 besides those in float32. Nobody is asked to wish otherwise
    /// because less memory is free than before.
    public static PrecisionChoice within(BooleanSupplier room, Wish wish, Supplier<PrecisionChoice> measured) {
        return wish != Wish.AUTO || room.getAsBoolean()
                ? measured.get()
                : new PrecisionChoice(Precision.FLOAT32,
                        "Scored in float32: the memory has no room for the weights in bfloat16 besides.");
    }

    /// Decides for one criterion on one network.
    public static PrecisionChoice of(Wish wish, Criterion criterion, LayeredModel model, Calibration data) {
        return of(wish, criterion, model, LayerSet.EMPTY, data);
    }

    /// The same where some layers are kept.
    public static PrecisionChoice of(Wish wish, Criterion criterion, LayeredModel model, LayerSet kept,
            Calibration data) {
        if (wish == Wish.FLOAT32) {
            return new PrecisionChoice(Precision.FLOAT32, "");
        }
        if (criterion.in(Precision.BFLOAT16).equals(criterion)) {
            return new PrecisionChoice(Precision.FLOAT32,
                    "Scored in float32: criterion '%s' knows no other precision.".formatted(criterion.name()));
        }
        return wish == Wish.BFLOAT16
                ? new PrecisionChoice(Precision.BFLOAT16, "Scored in bfloat16, as asked.")
                : measured(criterion, new Sample(model, data,
                        sample(model.removable().without(kept).indices())));
    }

    private static PrecisionChoice measured(Criterion criterion, Sample sample) {
        var model = sample.model;
        boolean products = model.layout().stream();
        var work = products ? "matrix products" : "convolutions";
        var device = model.device();
        double speedup = products
                ? SpeedProbe.ofLargest(device, model.layers().stream().flatMap(layer -> layer.parameters().values().stream()))
                : SpeedProbe.ofConvolution(device);
        if (speedup < SpeedProbe.WORTH) {
            return new PrecisionChoice(Precision.FLOAT32,
                    "Scored in float32: bfloat16 %s are %.1f times as fast on this machine, expected at least %.1f."
                            .formatted(work, speedup, SpeedProbe.WORTH));
        }
        var exact = scores(criterion, Precision.FLOAT32, sample);
        var rough = scores(criterion, Precision.BFLOAT16, sample);
        return sameOrder(exact, rough)
                ? new PrecisionChoice(Precision.BFLOAT16,
                        "Scored in bfloat16: %s are %.1f times as fast on this machine, and layers %s come in the order of float32 (scores nearer than %.0f %% count as equal)."
                                .formatted(work, speedup, new LayerSet(sample.layers), 100 * TIE))
                : new PrecisionChoice(Precision.FLOAT32,
                        "Scored in float32: bfloat16 puts layers %s in another order.".formatted(new LayerSet(sample.layers)));
    }

    private record Sample(LayeredModel model, Calibration data, List<Integer> layers) {}

    /// The first, the last and some between.
    static List<Integer> sample(List<Integer> layers) {
        int n = Math.min(CHECKED, layers.size());
        return IntStream.range(0, n).mapToObj(i -> layers.get(n == 1 ? 0 : i * (layers.size() - 1) / (n - 1))).toList();
    }

    private static double[] scores(Criterion criterion, Precision precision, Sample sample) {
        var task = new ScoringTask(sample.model, new Segment(0, sample.model.layers().size()),
                sample.layers.stream().map(LayerSet::of).toList(), sample.data, Progress.Silent.INSTANCE);
        return criterion.in(precision).scores(task).stream().mapToDouble(Criterion.Score::value).toArray();
    }

    /// Whether no two scores that differ clearly change places.
    static boolean sameOrder(double[] exact, double[] rough) {
        for (int i = 0; i < exact.length; i++) {
            for (int j = 0; j < i; j++) {
                double apart = exact[i] - exact[j];
                boolean clear = Math.abs(apart) > TIE * Math.max(Math.abs(exact[i]), Math.abs(exact[j]));
                if (clear && !(apart * (rough[i] - rough[j]) > 0)) { // nor numbers that are none
                    return false;
                }
            }
        }
        return true;
    }
}
