package dev.sglp.report;

import dev.sglp.pruning.PruningPlan.SegmentChoice;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// What the numbers say about how far the choice can be trusted.
final class Diagnosis {
    private Diagnosis() {}

    /// Whether the criterion is the measured loss: it cannot but agree with itself.
    static boolean ownMeasure(RunRecord record) {
        return record.criterion().equals("loss");
    }

    /// A rank correlation in plain words.
    static String words(@Nullable Double spearman, int layers) {
        if (layers < 2) {
            return "too few to rank";
        }
        if (spearman == null || !Double.isFinite(spearman)) {
            return "ties: cannot be ranked";
        }
        String word = spearman >= 0.7
                ? "good: the order can be trusted"
                : spearman >= 0.3
                        ? "weak: the order is a hint"
                        : spearman > -0.3 ? "none: the order is chance" : "wrong way: the order misleads";
        return layers < 4 ? word + " (%d layers only, says little)".formatted(layers) : word;
    }

    /// The failure signatures of the method that this run shows, one sentence each; empty where there are none.
    static List<String> warnings(RunRecord record) {
        var warnings = new ArrayList<String>();
        littleSaved(record, warnings);
        if (record.plan() != null) {
            record.plan().choices().forEach(choice -> closeCall(choice, warnings));
        }
        record.agreement().stream().filter(a -> a.layers() >= 4 && a.spearman() != null && a.spearman() <= -0.3)
                .forEach(a -> warnings.add(
                        "Segment %d: the criterion orders the layers the wrong way round; a choice by measured loss is safer there."
                                .formatted(a.segment() + 1)));
        return List.copyOf(warnings);
    }

    /// Less than half of what the share of removed layers promises.
    private static void littleSaved(RunRecord record, List<String> warnings) {
        var plan = record.plan();
        var before = record.before();
        var after = Verdict.last(record);
        if (plan == null || before == null || after == null || before.macs() == 0 || plan.layers() == 0) {
            return;
        }
        double saved = 1 - (double) after.macs() / before.macs();
        double share = (double) plan.removed().size() / plan.layers();
        if (saved < share / 2) {
            warnings.add(String.format(Locale.ROOT,
                    "Little cost saved: %.0f %% of the layers hold only %.1f %% of the MACs.", 100 * share,
                    100 * saved));
        }
    }

    /// The best two candidates lie nearer to each other than the draws spread.
    private static void closeCall(SegmentChoice choice, List<String> warnings) {
        if (choice.scores().size() < 2) {
            return;
        }
        var best = choice.scores().getFirst();
        double gap = choice.scores().get(1).score() - best.score();
        if (best.spread() > gap) {
            warnings.add(
                    "Segment %d is a close call: the best two sets differ by %s, the draws spread by %s. More draws would tell."
                            .formatted(choice.segment() + 1, Human.number(gap), Human.number(best.spread())));
        }
    }
}
