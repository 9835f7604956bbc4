package dev.sglp.report.study;

import dev.sglp.evaluation.Evaluation;
import dev.sglp.report.Human;
import dev.sglp.report.study.Group.Spread;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/// What the numbers of a study say, in sentences.
final class Findings {
    private static final String BASE = "sglp";

    private Findings() {}

    /// The page's title.
    static String title(StudyRecord record) {
        String name = record.model().description().replaceFirst(",.*", "");
        return switch (record.study()) {
            case "segments" -> name + ": into how many segments?";
            case "ablation" -> name + ": what does each part of the method contribute?";
            default -> name + ": how many calibration images?";
        };
    }

    /// One sentence each; empty while nothing was measured.
    static List<String> of(StudyRecord record) {
        var all = new ArrayList<String>();
        if (!record.sizes().isEmpty()) {
            all.addAll(SizeFindings.of(record));
        }
        var heal = lastUntrained(record);
        for (int remove : removes(record)) {
            var groups = Group.of(record).stream().filter(g -> g.remove() == remove && g.accuracy(heal).isPresent())
                    .toList();
            if (!groups.isEmpty()) {
                all.addAll(compared(record, groups, heal));
            }
        }
        all.addAll(trained(record));
        if (record.dense() != null) {
            all.add("The report has %s images: an accuracy alone is sure to ± %s (95 %% interval); differences below that are called about the same."
                    .formatted(Human.whole(record.dense().examples()), points(halfWidth(record))));
        }
        return List.copyOf(all);
    }

    static List<Integer> removes(StudyRecord record) {
        return record.rows().stream().map(StudyRow::remove).distinct().sorted().toList();
    }

    /// The last healing without training that some row has.
    static String lastUntrained(StudyRecord record) {
        return record.healings().stream().filter(h -> !h.contains("epoch")).reduce((_, last) -> last).orElse("none");
    }

    private static List<String> compared(StudyRecord record, List<Group> groups, String heal) {
        var all = new ArrayList<String>();
        var best = groups.stream().max(Comparator.comparingDouble(g -> accuracy(g, heal).mean())).orElseThrow();
        var worst = groups.stream().min(Comparator.comparingDouble(g -> accuracy(g, heal).mean())).orElseThrow();
        String where = "%d layers removed, %s".formatted(groups.getFirst().remove(), healed(heal));
        String dense = record.dense() == null
                ? ""
                : " (dense: %s)".formatted(Human.percent(record.dense().accuracy()));
        all.add("%s%s: best is “%s” with %s, worst “%s” with %s.".formatted(where, dense, best.label().title(),
                Human.percent(accuracy(best, heal).mean()), worst.label().title(),
                Human.percent(accuracy(worst, heal).mean())));
        groups.stream().filter(g -> g.label().id().equals(BASE)).findFirst().ifPresent(base -> groups.stream()
                .filter(g -> g != base).map(g -> against(record, base, g, heal)).forEach(all::add));
        return all;
    }

    private static String against(StudyRecord record, Group base, Group other, String heal) {
        var a = accuracy(base, heal);
        var b = accuracy(other, heal);
        double difference = b.mean() - a.mean();
        double spread = Math.max(a.spread(), b.spread());
        String verdict = Math.abs(difference) <= Math.max(halfWidth(record), spread)
                ? "about the same as"
                : difference < 0 ? "worse than" : "better than";
        String seeds = b.count() > 1
                ? ", mean of %d seeds, standard deviation %s".formatted(b.count(), points(b.spread()))
                : "";
        return "%d layers: “%s” is %s SGLP (%s%s).".formatted(base.remove(), other.label().title(), verdict,
                Human.points(a.mean(), b.mean()), seeds);
    }

    private static List<String> trained(StudyRecord record) {
        return record.healings().stream().filter(h -> h.contains("epoch")).flatMap(h -> removes(record).stream().map(
                r -> trained(Group.of(record).stream().filter(g -> g.remove() == r).toList(), h)))
                .filter(s -> !s.isEmpty()).toList();
    }

    private static String trained(List<Group> groups, String heal) {
        var parts = groups.stream().filter(g -> g.accuracy(heal).isPresent())
                .map(g -> "“%s” %s".formatted(g.label().title(), Human.percent(accuracy(g, heal).mean()))).toList();
        return parts.isEmpty()
                ? ""
                : "%d layers removed and %s of training: %s.".formatted(groups.getFirst().remove(), heal,
                        String.join(", ", parts));
    }

    private static Spread accuracy(Group group, String heal) {
        return group.accuracy(heal).orElseThrow();
    }

    /// 1.96 √(p(1−p)/n) of the dense network's accuracy.
    static double halfWidth(StudyRecord record) {
        Evaluation dense = record.dense();
        return dense == null || dense.examples() == 0
                ? 0
                : 1.96 * Math.sqrt(dense.accuracy() * (1 - dense.accuracy()) / dense.examples());
    }

    static String points(double fraction) {
        return String.format(Locale.ROOT, "%.2f points", 100 * fraction);
    }

    static String healed(String heal) {
        return switch (heal) {
            case "none" -> "not healed";
            case "bn" -> "batch norm re-estimated";
            default -> "after " + heal;
        };
    }
}
