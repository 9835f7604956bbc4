package dev.sglp.study;

import dev.sglp.Recipe.Segments;
import dev.sglp.importance.BlockInfluence;
import dev.sglp.importance.Criterion;
import dev.sglp.importance.GradNorm;
import dev.sglp.importance.LossWhenAbsent;
import dev.sglp.importance.Magnitude;
import dev.sglp.importance.RandomChoice;
import dev.sglp.method.OneShot;
import dev.sglp.method.PlanningTask.Limits;
import dev.sglp.method.SglpMethod;
import dev.sglp.pruning.Quota;
import dev.sglp.report.study.StudyRow.Label;
import dev.sglp.segmentation.Fisher;
import dev.sglp.similarity.Cka;
import dev.sglp.similarity.Representation;
import java.util.ArrayList;
import java.util.List;

/// The rows of the studies.
public final class Variants {
    /// The row all others are compared with.
    public static final String BASE = "sglp";
    static final int SEEDS = 5; // of a row that nothing but a seed decides
    private static final String AGAINST = "against SGLP: ";

    private Variants() {}

    /// The paper's method with three segments and this criterion.
    public static Variant base(SglpMethod method, Criterion criterion, Limits limits, Cka cka, long seed) {
        return new Variant(
                new Label(BASE, "SGLP, k = 3, %s%s".formatted(criterion.name(), method.words()),
                        "the row others are compared with"),
                cka, Cut.fisher(Segments.USUAL), method, criterion, limits, seed);
    }

    /// SGLP with two to five segments and as many as the loss curve says.
    ///
    /// @param layers of the network
    public static List<Variant> segments(Variant base, int layers) {
        var rows = new ArrayList<Variant>();
        for (int k = 2; k <= Math.min(5, layers); k++) {
            rows.add(base.with(Cut.fisher(k)).named("k" + k, "k = " + k, "the number of segments"));
        }
        rows.add(
                base.with(Cut.fisher(Segments.AUTO)).named("auto", "k = auto", "the number of segments, by the elbow"));
        return List.copyOf(rows);
    }

    /// SGLP without each of its parts, with other settings of each, and its rivals.
    public static List<Variant> ablation(Variant base) {
        var rows = new ArrayList<Variant>();
        rows.add(base);
        rows.addAll(without(base));
        rows.addAll(criteria(base));
        rows.add(quota(base));
        rows.addAll(similarities(base));
        rows.addAll(rivals(base));
        return List.copyOf(rows);
    }

    private static List<Variant> without(Variant base) {
        var rows = new ArrayList<Variant>();
        rows.add(base.unverified().named("not-verified", "SGLP, plans not verified",
                AGAINST + "what running the best plans on other data adds"));
        rows.add(base.with(new Cut.Equal(3)).named("equal-segments", "without CKA: three equal segments",
                AGAINST + "what similarity adds"));
        rows.add(base.with(new Cut.Equal(1)).named("one-segment", "without segmentation: one segment",
                AGAINST + "what segments add"));
        for (int i = 0; i < SEEDS; i++) {
            rows.add(base.with(new RandomChoice()).unverified().seeded(base.seed() + i).named("random-inside",
                    "without a score: random inside the segments", AGAINST + "what score and verification add"));
        }
        for (int i = 0; i < SEEDS; i++) {
            rows.add(base.with(new RandomChoice()).seeded(base.seed() + i).named("random-verified",
                    "without a score, but the best of some random plans",
                    AGAINST + "what the score adds where plans are verified"));
        }
        return rows;
    }

    private static List<Variant> criteria(Variant base) {
        var rows = new ArrayList<Variant>();
        for (var other : List.of(GradNorm.standard(), GradNorm.skipping(), LossWhenAbsent.standard())) {
            if (!other.equals(base.criterion())) {
                rows.add(base.with(other).named(other.name() + "-inside",
                        "%s inside the segments".formatted(other.name()),
                        AGAINST + "another score"));
            }
        }
        if (base.criterion() instanceof GradNorm g) {
            rows.add(base.with(new GradNorm(g.absence(), GradNorm.Reading.KEPT, g.norm(), g.scope(), g.draws()))
                    .named("reading-kept", "the largest norm goes (reading = kept)", AGAINST + "the other reading"));
            rows.add(base.with(new GradNorm(g.absence(), g.reading(), GradNorm.Norm.GLOBAL, g.scope(), g.draws()))
                    .named("norm-global", "one norm of all gradients (norm = global)", AGAINST + "another norm"));
            if (g.absence() == GradNorm.Absence.REINIT) {
                rows.add(base.with(new GradNorm(g.absence(), g.reading(), g.norm(), GradNorm.Range.SEGMENT, g.draws()))
                        .named("scope-segment", "gradients of the segment alone (scope = segment)",
                                AGAINST + "a cheaper norm"));
            }
        }
        return rows;
    }

    private static Variant quota(Variant base) {
        var global = new SglpMethod(Quota.GLOBAL);
        return base.method().equals(global)
                ? base.with(new SglpMethod()).named("quota-proportional",
                        "every segment gives its share (quota = proportional)", AGAINST + "other shares")
                : base.with(global).named("quota-global", "segments give as many as costs least (quota = global)",
                        AGAINST + "other shares");
    }

    private static List<Variant> similarities(Variant base) {
        var c = base.cka();
        boolean text = c.representation().tokens();
        return List.of(
                base.with(new Cut.Similar(new Segments(3, Fisher.Features.MEAN))).named("fisher-mean",
                        "segments by the mean of each CKA row", AGAINST + "other segments"),
                base.with(c.with(Cka.Estimator.UNBIASED)).named("cka-unbiased", "unbiased CKA",
                        AGAINST + "other segments"),
                text
                        ? base.with(c.with(Representation.RAW)).named("raw", "CKA on token vectors as they are",
                                AGAINST + "other segments")
                        : base.with(c.with(Representation.POOLED)).named("pooled", "CKA on outputs averaged over space",
                                AGAINST + "other segments"));
    }

    private static List<Variant> rivals(Variant base) {
        var rows = new ArrayList<Variant>();
        var alone = base.with(new Cut.Equal(1)).with(new OneShot()).unverified();
        for (var criterion : List.of(new BlockInfluence(), LossWhenAbsent.standard(), new Magnitude())) {
            rows.add(alone.with(criterion).named(criterion.name(), "rival: %s, one-shot".formatted(criterion.name()),
                    "each layer scored alone, the lowest go together; no segments, nothing verified"));
        }
        for (int i = 0; i < SEEDS; i++) {
            rows.add(alone.with(new RandomChoice()).seeded(base.seed() + i).named("random",
                    "rival: any layers at random",
                    "what every choice has to beat"));
        }
        return rows;
    }
}
