package dev.sglp.report.study;

import dev.sglp.evaluation.Evaluation;
import dev.sglp.report.Human;
import dev.sglp.report.study.Group.Spread;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;

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
        if (record.study().equals("segments")) {
            StudyCharts.curve(record).ifPresent(c -> all.add(
                    "The curve of Fisher’s loss bends at k = %d: %s.".formatted(c.size(), c)));
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
            all.add("The report has %s images: an accuracy alone is sure to ± %s (95 %% interval); differences below that, or below two standard errors over seeds, are called about the same."
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
        double high = accuracy(best, heal).mean();
        double low = accuracy(worst, heal).mean();
        all.add(high == low
                ? "%s%s: every row has %s.".formatted(where, dense, Human.percent(high))
                : "%s%s: best is “%s” with %s, worst “%s” with %s.".formatted(where, dense, best.label().title(),
                        Human.percent(high), worst.label().title(), Human.percent(low)));
        groups.stream().filter(g -> g.label().id().equals(BASE)).findFirst()
                .ifPresent(base -> all.addAll(against(record, base, groups, heal)));
        return all;
    }

    /// Up to three sentences: what is better than the first row, what about the same, what worse.
    private static List<String> against(StudyRecord record, Group base, List<Group> groups, String heal) {
        var verdicts = new TreeMap<Integer, List<String>>();
        for (var other : groups) {
            if (other != base) {
                double difference = accuracy(other, heal).mean() - accuracy(base, heal).mean();
                boolean same = Math.abs(difference) <= Math.max(halfWidth(record), twoErrors(accuracy(other, heal)));
                verdicts.computeIfAbsent(same ? 0 : (int) -Math.signum(difference), _ -> new ArrayList<>())
                        .add(against(accuracy(base, heal), other, heal));
            }
        }
        return verdicts.entrySet().stream().map(e -> "%s SGLP without %d layers: %s.".formatted(
                List.of("Better than", "About the same as", "Worse than").get(e.getKey() + 1), base.remove(),
                String.join(", ", e.getValue()))).toList();
    }

    /// Two standard errors of the mean over seeds.
    private static double twoErrors(Spread s) {
        return 2 * s.spread() / Math.sqrt(s.count());
    }

    private static String against(Spread base, Group other, String heal) {
        var own = accuracy(other, heal);
        String seeds = own.count() > 1
                ? ", mean of %d seeds, standard deviation %s".formatted(own.count(), points(own.spread()))
                : "";
        return "“%s” (%s%s)".formatted(other.label().title(), Human.points(base.mean(), own.mean()), seeds);
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
