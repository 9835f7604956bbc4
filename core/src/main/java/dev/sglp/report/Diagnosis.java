package dev.sglp.report;

import dev.sglp.model.LayerSet;
import dev.sglp.pruning.PruningPlan.Scored;
import dev.sglp.pruning.PruningPlan.SegmentChoice;
import dev.sglp.pruning.Trust;
import dev.sglp.pruning.Trust.Rivals;
import dev.sglp.report.quality.Grade;
import dev.sglp.report.mechanism.Finding;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// What the numbers say about how far the choice can be trusted.
public final class Diagnosis {
    private static final int SHOWN = 8; // sets in a sentence

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

    /// The failure signatures of the method that this run shows, in words, the gravest first; empty where there are none.
    public static List<String> warnings(RunRecord record) {
        var warnings = new ArrayList<String>();
        lost(record, warnings);
        healed(record, warnings);
        notFinite(record, warnings);
        littleSaved(record, warnings);
        if (record.trust() != null) {
            unstable(record.trust(), warnings);
            record.trust().rivals().forEach(rivals -> closeCall(rivals, warnings));
        }
        if (record.plan() != null) {
            record.plan().choices().forEach(choice -> closeCall(choice, warnings));
        }
        record.agreement().stream().filter(a -> a.layers() >= 4 && a.spearman() != null && a.spearman() <= -0.3)
                .forEach(a -> warnings.add(
                        "Segment %d: the criterion orders the layers the wrong way round; a choice by measured loss is safer there."
                                .formatted(a.segment() + 1)));
        return List.copyOf(warnings);
    }

    /// The network as it was written is worse than it was, and not by chance.
    private static void lost(RunRecord record, List<String> warnings) {
        var before = record.before();
        var after = Verdict.last(record);
        if (before == null || after == null) {
            return;
        }
        Grade.of(after).lost(before, after, before.perplexity() == null ? remedy(record.heal()) : ofText(record.heal()))
                .ifPresent(warnings::add);
    }

    /// A training that went nowhere.
    private static void healed(RunRecord record, List<String> warnings) {
        if (record.training() != null && !record.training().improved()) {
            warnings.add(
                    "Healing made nothing better on the verification data than the network as it came; the weights of what is written are %s. A lower --learning-rate or more to train on may help, or leave --heal out."
                            .formatted(record.training().taken() == null ? "those of its end" : "those it came with"));
        }
    }

    /// Sets of layers that the criterion has no score for.
    private static void notFinite(RunRecord record, List<String> warnings) {
        var plan = record.plan();
        var sets = plan == null
                ? record.importance().stream().filter(s -> !Double.isFinite(s.score())).map(s -> LayerSet.of(s.layer()))
                        .toList()
                : plan.candidates().notFinite();
        if (!sets.isEmpty()) {
            warnings.add(
                    "Without %d of the scored sets of layers the network says nothing finite; they were ranked last: %s%s."
                            .formatted(sets.size(), sets.stream().limit(SHOWN).map(LayerSet::toString)
                                    .collect(Collectors.joining(", ")), sets.size() > SHOWN ? ", …" : ""));
        }
    }

    private static String ofText(@Nullable String heal) {
        return switch (heal) {
            case null -> "Remove fewer layers.";
            case "none" -> "--heal distil teaches it the dense network's answers; or remove fewer layers.";
            default -> "Train on more tokens, or remove fewer layers.";
        };
    }

    private static String remedy(@Nullable String heal) {
        return switch (heal) {
            case null -> "Remove fewer layers.";
            case "none" ->
                "It was not healed: --heal bn re-estimates batch norm without labels, --finetune N trains for N epochs.";
            case "bn" -> "Training heals more: --finetune N, for N epochs; or remove fewer layers.";
            default -> "Train for more epochs, or remove fewer layers.";
        };
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

    /// What the losses say of the ideas the method rests on; empty where they were not measured.
    public static List<Finding> mechanisms(RunRecord record) {
        var found = record.mechanisms();
        return found == null
                ? List.of()
                : found.findings(layer -> Tables.name(record, layer)).stream()
                        .map(finding -> finding.in(record.model().lossIn())).toList();
    }

    /// What a second look at a choice came to, in words.
    public static List<String> findings(Trust trust) {
        var found = new ArrayList<String>();
        var halves = trust.halves();
        if (halves != null) {
            found.add("Chosen again on each of two halves of the calibration data: %d of %d layers go by both (%s; %s)."
                    .formatted(halves.shared(), halves.removed(), halves.plans().getFirst(),
                            halves.plans().getLast()));
        }
        trust.rivals()
                .forEach(r -> found.add("Segment %d over %d draws: %s, which goes, scores %s; its nearest rival %s %s."
                        .formatted(r.segment() + 1, r.draws(), r.removed().layers(), spread(r.removed()),
                                r.rival().layers(),
                                spread(r.rival()))));
        found.addAll(trust.unknown());
        return List.copyOf(found);
    }

    private static String spread(Scored scored) {
        return Human.number(scored.score()) + " ± " + Human.number(scored.spread());
    }

    /// Less than half of the layers go whichever half of the calibration data is asked.
    private static void unstable(Trust trust, List<String> warnings) {
        var halves = trust.halves();
        if (halves != null && 2 * halves.shared() < halves.removed()) {
            warnings.add(
                    "Unstable plan: two halves of the calibration data share only %d of %d layers. More --samples make it steadier."
                            .formatted(halves.shared(), halves.removed()));
        }
    }

    /// Two sets whose layers were drawn several times lie nearer to each other than the draws spread.
    private static void closeCall(Rivals rivals, List<String> warnings) {
        if (rivals.closeCall()) {
            warnings.add(
                    "Segment %d is a close call: %s, which goes, and %s differ by %s over %d draws, which spread by %s. More --draws would tell."
                            .formatted(rivals.segment() + 1, rivals.removed().layers(), rivals.rival().layers(),
                                    Human.number(Math.abs(rivals.rival().score() - rivals.removed().score())),
                                    rivals.draws(),
                                    Human.number(Math.max(rivals.removed().spread(), rivals.rival().spread()))));
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
