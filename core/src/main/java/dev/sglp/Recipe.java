package dev.sglp;

import dev.sglp.evaluation.latency.Budget;
import dev.sglp.fault.UsageException;
import dev.sglp.importance.Criterion;
import dev.sglp.importance.GradNorm;
import dev.sglp.importance.Kl;
import dev.sglp.importance.letter.Letter;
import dev.sglp.importance.precision.PrecisionChoice.Wish;
import dev.sglp.method.Auto;
import dev.sglp.method.Method;
import dev.sglp.method.PlanningTask.Limits;
import dev.sglp.method.SglpMethod;
import dev.sglp.method.decision.Decision;
import dev.sglp.model.LayerSet;
import dev.sglp.model.Layout;
import dev.sglp.model.Pass;
import dev.sglp.model.repair.LastMap;
import dev.sglp.pruning.Target;
import dev.sglp.repair.NoRepair;
import dev.sglp.repair.Refit;
import dev.sglp.repair.Repair;
import dev.sglp.segmentation.Fisher;
import dev.sglp.segmentation.Segmentation;
import dev.sglp.similarity.Cka;
import dev.sglp.similarity.SimilarityMatrix;
import dev.sglp.training.Healing;
import dev.sglp.training.NoHealing;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.SequencedMap;

/// Every setting of one run.
///
/// @param cka       how layers are compared
/// @param segments  how the layers are cut
/// @param method    how the choice is made
/// @param criterion how sets of layers are scored
/// @param target    how many layers go
/// @param kept      layers that must stay, besides those that cannot go
/// @param limits    how many candidates are scored and verified
/// @param repair    what is mended after the removal
/// @param healing   what is done then
/// @param compute   batches, seed and how long forward passes are timed
public record Recipe(Cka cka, Segments segments, Method method, Criterion criterion, Target target, LayerSet kept,
        Limits limits, Repair repair, Healing healing, Compute compute) {
    private static final int BATCH = 128;

    public Recipe {
        if (method.comparesSizes() && method.criterion(criterion).comparesOneSize()) {
            throw new UsageException(
                    "criterion '%s' compares sets of one size inside a segment, which is not what %s asks for. Use --method sglp or auto with --quota proportional, or another --reading"
                            .formatted(criterion.name(), method instanceof SglpMethod
                                    ? "--quota global"
                                    : "--method " + method.name()));
        }
    }

    /// @param k        number of segments; {@link #AUTO}: as many as the loss curve says
    /// @param features what describes a layer to Fisher's segmentation
    public record Segments(int k, Fisher.Features features) {
        /// Up to which number of segments the loss curve is drawn.
        public static final int CURVE = 12;
        /// The number of segments is found from the loss curve, see `Elbow`.
        public static final int AUTO = 0;
        /// So many where nothing else is asked for.
        public static final int USUAL = 3;

        /// Where these layers are cut.
        public Segmentation of(SimilarityMatrix similarity) {
            return k == AUTO
                    ? Fisher.automatic(similarity, features, CURVE)
                    : Fisher.of(similarity, features, k, CURVE);
        }
    }

    /// Whether a choice is made again in part, to tell how far it can be trusted.
    public enum Look {
        /// On halves of the calibration data only where that takes little time.
        AUTO, YES, NO
    }

    /// @param batchSize  examples a forward pass
    /// @param seed       of everything random but weights
    /// @param weightSeed of the weights of layers that are drawn anew, and of scores that are drawn
    /// @param latency    how long forward passes are timed
    /// @param dtype      what sets of layers are scored in; what is reported of the network's quality is float32
    /// @param secondLook whether the choice is looked at a second time
    /// @param diagnosis  whether the loss with each layer absent is measured, with which scores are compared
    public record Compute(int batchSize, long seed, long weightSeed, Budget latency, Wish dtype, Look secondLook,
            boolean diagnosis) {
        /// One seed for everything, and one look.
        public Compute(int batchSize, long seed, Budget latency) {
            this(batchSize, seed, seed, latency, Wish.FLOAT32, Look.NO, true);
        }

        public Compute with(Wish other) {
            return new Compute(batchSize, seed, weightSeed, latency, other, secondLook, diagnosis);
        }

        public Compute with(Look other) {
            return new Compute(batchSize, seed, weightSeed, latency, dtype, other, diagnosis);
        }

        public Compute diagnosed(boolean wanted) {
            return new Compute(batchSize, seed, weightSeed, latency, dtype, secondLook, wanted);
        }

        /// The same, of which forward passes are timed so long.
        Compute timed(Budget other) {
            return new Compute(batchSize, seed, weightSeed, other, dtype, secondLook, diagnosis);
        }

        /// The same with weights of another seed.
        public Compute drawing(long other) {
            return new Compute(batchSize, seed, other, latency, dtype, secondLook, diagnosis);
        }

        public Compute {
            if (batchSize < 1) {
                throw new UsageException("--batch-size is at least 1, got " + batchSize);
            }
        }
    }

    /// How plans are compared: as they will run. What is repaired is fitted to the stored statistics, and compared by them.
    Pass verification() {
        return repair instanceof NoRepair ? healing.verification() : Pass.evaluation();
    }

    /// The same, of which forward passes are timed so long.
    public Recipe timed(Budget latency) {
        return new Recipe(cka, segments, method, criterion, target, kept, limits, repair, healing,
                compute.timed(latency));
    }

    /// Whether no layer goes, so that there is nothing to choose.
    public boolean removesNothing() {
        return target.equals(new Target.Count(0)) || target.equals(new Target.Ratio(0));
    }

    /// All settings of the choice and of what follows it by their flags, those that play a part.
    ///
    /// @param layout of the network
    public SequencedMap<String, String> settings(Layout layout) {
        var all = new LinkedHashMap<String, String>();
        var scores = method.criterion(criterion);
        all.put("--method", method.name());
        all.put("--criterion", scores.name());
        switch (scores) {
            case GradNorm drawn -> all.put("--reading", word(drawn.reading()));
            case Letter letter -> all.put("--reading", letter.form() == Letter.Form.RESET
                    ? "letter"
                    : "letter-" + word(letter.form()));
            default -> {}
        }
        all.put("--segments", segments.k() == Segments.AUTO ? "auto" : String.valueOf(segments.k()));
        all.put("--cka", word(cka.estimator()));
        all.put("--fisher", word(segments.features()));
        if (method instanceof SglpMethod(var quota)) {
            all.put("--quota", word(quota));
        }
        if (method instanceof SglpMethod || method instanceof Auto) {
            all.put("--candidates", String.valueOf(limits.candidates()));
        }
        if (method.verifies()) {
            all.put("--verify", String.valueOf(limits.verify()));
        }
        if (method.verifies() && limits.verify() > 0) {
            all.put("--decide", limits.decide().by(verification()).name());
        }
        if (method instanceof Auto) {
            all.put("--polish", String.valueOf(limits.polish()));
        }
        all.put("--diagnosis", String.valueOf(compute.diagnosis()));
        all.put("--repair", repair.name());
        repair.leastSquares().ifPresent(refit -> {
            all.put("--repair-ridge", String.valueOf(refit.ridge() == Refit.OWN ? LastMap.ridge(layout) : refit.ridge()));
            all.put("--repair-gaps", String.valueOf(refit.gaps()));
        });
        all.put("--heal", healing.name());
        return all;
    }

    private static String word(Enum<?> name) {
        return name.name().toLowerCase(Locale.ROOT);
    }

    /// How many layers go from a network.
    ///
    /// @param layers    all its layers
    /// @param removable those that can be removed
    /// @throws UsageException naming the flag, where this recipe does not fit the network
    public int remove(int layers, LayerSet removable) {
        if (segments.k() != Segments.AUTO && (segments.k() < 1 || segments.k() > layers)) {
            throw new UsageException(
                    "--segments is auto, or 1 to the number of layers, %d, got %d".formatted(layers, segments.k()));
        }
        return target.resolve(layers, removable.without(kept).size());
    }

    /// The paper's method with three segments, removing `layers` layers, repairing and healing nothing.
    ///
    /// @param layout of the network: it says what is compared
    public static Recipe removing(int layers, Layout layout) {
        return new Recipe(Cka.standard(layout, BATCH), new Segments(Segments.USUAL, Fisher.Features.ROWS),
                new SglpMethod(),
                GradNorm.standard(), new Target.Count(layers), LayerSet.EMPTY, new Limits(128, 8), new NoRepair(), new NoHealing(),
                new Compute(BATCH, 0, Budget.USUAL));
    }

    /// What `prune` does where nobody says otherwise: several methods by the divergence with the repair in view, the best of their plans
    /// polished and repaired. For networks whose layers say their last map.
    public static Recipe best(int layers, Layout layout) {
        var usual = removing(layers, layout);
        return new Recipe(usual.cka, usual.segments, new Auto(), Kl.standard(), usual.target, usual.kept,
                new Limits(128, 8, Limits.POLISH, Decision.OnData.LOSS), Refit.standard(), new NoHealing(), usual.compute);
    }

    public Recipe with(Criterion other) {
        return new Recipe(cka, segments, method, other, target, kept, limits, repair, healing, compute);
    }

    public Recipe with(Healing other) {
        return new Recipe(cka, segments, method, criterion, target, kept, limits, repair, other, compute);
    }

    public Recipe with(Repair other) {
        return new Recipe(cka, segments, method, criterion, target, kept, limits, other, healing, compute);
    }
}
