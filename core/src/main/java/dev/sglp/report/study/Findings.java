package dev.sglp.report.study;

import dev.sglp.evaluation.AccuracyInterval;
import dev.sglp.evaluation.Evaluation;
import dev.sglp.report.Human;
import dev.sglp.report.study.Group.Spread;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;

/// What the numbers of a study say, in sentences.
final class Findings {
    private static final double ALIKE = 0.01; // of a perplexity

    private Findings() {}

    /// The page's title.
    static String title(StudyRecord record) {
        String name = record.model().description().replaceFirst(" ?[,(].*", "");
        return switch (record.study()) {
            case "methods" -> name + ": which method, at what cost?";
            case "segments" -> name + ": into how many segments?";
            case "ablation" -> name + ": what does each part of the method contribute?";
            default -> name + ": how many calibration %s?".formatted(record.quality().sizes());
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
            var groups = Group.of(record).stream()
                    .filter(g -> g.remove() == remove && g.after(heal, record.quality()).isPresent())
                    .toList();
            if (!groups.isEmpty()) {
                all.addAll(compared(record, groups, heal));
            }
        }
        all.addAll(trained(record));
        if (record.dense() != null) {
            all.add(sureness(record, record.dense()));
        }
        return List.copyOf(all);
    }

    private static String sureness(StudyRecord record, Evaluation dense) {
        return switch (record.quality()) {
            case ACCURACY ->
                "The report has %s images: the dense network's accuracy is sure to ± %s (95 %% interval), one nearer 50 %% to less; rows that differ by less than the half width of either, or than two standard errors over seeds, are called about the same."
                        .formatted(Human.whole(dense.examples()),
                                record.quality()
                                        .width(AccuracyInterval.of(dense.accuracy(), dense.examples()).halfWidth()));
            case PERPLEXITY ->
                "The report has %s predicted tokens. Perplexities that differ by at most 1 %%, or by less than two standard errors over seeds, are called about the same: a convention, not an interval."
                        .formatted(Human.whole(dense.examples()));
            case AGREEMENT, IMAGE_AGREEMENT ->
                "The report has %s %s. Rows that differ by less than the half width of either mean's 95 %% interval over them, or than two standard errors over seeds, are called about the same; all rows are asked the same, so that differences are surer than that."
                        .formatted(Human.whole(dense.examples()), record.quality().items());
        };
    }

    /// Differences up to this are called about the same.
    private static double tolerance(StudyRecord record, Group group, String heal) {
        double value = after(group, heal, record.quality()).mean();
        return switch (record.quality()) {
            case ACCURACY ->
                record.dense() == null ? 0 : AccuracyInterval.of(value, record.dense().examples()).halfWidth();
            case PERPLEXITY -> ALIKE * value;
            case AGREEMENT, IMAGE_AGREEMENT ->
                group.after(heal, m -> Quality.halfWidth(m.evaluation())).orElseThrow().mean();
        };
    }

    /// The id of the row that others are compared with.
    static String base(StudyRecord record) {
        return record.study().equals("methods") ? "gradnorm" : "sglp";
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
        var quality = record.quality();
        var sorted = groups.stream()
                .sorted(Comparator.comparing(g -> after(g, heal, quality).mean(), quality.best())).toList();
        var best = sorted.getFirst();
        var worst = sorted.getLast();
        String where = "%d layers removed, %s".formatted(groups.getFirst().remove(), healed(heal));
        String dense = record.dense() == null
                ? ""
                : " (dense: %s)".formatted(quality.text(quality.of(record.dense())));
        var high = after(best, heal, quality);
        var low = after(worst, heal, quality);
        all.add(where + dense + ": " + (groups.size() == 1
                ? "“%s” has %s.".formatted(best.label().title(), quality.text(high))
                : high.mean() == low.mean()
                        ? "every row has %s.".formatted(quality.text(high.mean()))
                        : (same(record, best, worst, heal)
                                ? "every row is about the same, from “%s” with %s to “%s” with %s."
                                : "best is “%s” with %s, worst “%s” with %s.").formatted(best.label().title(),
                                        quality.text(high), worst.label().title(), quality.text(low))));
        groups.stream().filter(g -> g.label().id().equals(base(record))).findFirst()
                .ifPresent(base -> all.addAll(against(record, base, groups, heal)));
        return all;
    }

    /// Up to three sentences: what is better than the first row, what about the same, what worse.
    private static List<String> against(StudyRecord record, Group base, List<Group> groups, String heal) {
        var verdicts = new TreeMap<Integer, List<String>>();
        var own = after(base, heal, record.quality());
        for (var other : groups) {
            if (other != base) {
                var found = after(other, heal, record.quality());
                int place = same(record, base, other, heal)
                        ? 0
                        : record.quality().best().compare(found.mean(), own.mean());
                verdicts.computeIfAbsent(place, _ -> new ArrayList<>())
                        .add(against(record.quality(), own, other, found));
            }
        }
        String name = record.study().equals("methods") ? "“%s”".formatted(base.label().title()) : "SGLP";
        return verdicts.entrySet().stream().map(e -> "%s %s without %d layers: %s.".formatted(
                List.of("Better than", "About the same as", "Worse than").get(e.getKey() + 1), name, base.remove(),
                String.join(", ", e.getValue()))).toList();
    }

    /// Whether no difference between them can be told from chance.
    private static boolean same(StudyRecord record, Group one, Group other, String heal) {
        var a = after(one, heal, record.quality());
        var b = after(other, heal, record.quality());
        return Math.abs(a.mean() - b.mean()) <= Math.max(
                Math.max(tolerance(record, one, heal), tolerance(record, other, heal)),
                2 * Math.hypot(error(a), error(b)));
    }

    /// Standard error of the mean over seeds.
    private static double error(Spread s) {
        return s.spread() / Math.sqrt(s.count());
    }

    private static String against(Quality quality, Spread base, Group other, Spread own) {
        String seeds = own.count() > 1
                ? ", mean of %d seeds, standard deviation %s".formatted(own.count(), quality.width(own.spread()))
                : "";
        return "“%s” (%s%s)".formatted(other.label().title(), quality.change(base.mean(), own.mean()), seeds);
    }

    private static List<String> trained(StudyRecord record) {
        return record.healings().stream().filter(h -> h.contains("epoch")).flatMap(h -> removes(record).stream().map(
                r -> trained(Group.of(record).stream().filter(g -> g.remove() == r).toList(), h, record.quality())))
                .filter(s -> !s.isEmpty()).toList();
    }

    private static String trained(List<Group> groups, String heal, Quality quality) {
        var parts = groups.stream().filter(g -> g.after(heal, quality).isPresent())
                .map(g -> "“%s” %s".formatted(g.label().title(), quality.text(after(g, heal, quality).mean())))
                .toList();
        return parts.isEmpty()
                ? ""
                : "%d layers removed and %s of training: %s.".formatted(groups.getFirst().remove(), heal,
                        String.join(", ", parts));
    }

    private static Spread after(Group group, String heal, Quality quality) {
        return group.after(heal, quality).orElseThrow();
    }

    static String healed(String heal) {
        return switch (heal) {
            case "none" -> "not healed";
            case "bn" -> "batch norm re-estimated";
            default -> "after " + heal;
        };
    }
}
