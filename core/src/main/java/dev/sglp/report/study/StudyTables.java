package dev.sglp.report.study;

import dev.sglp.report.Human;
import dev.sglp.report.TextTable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/// The rows of a study as tables, for terminal and page.
public final class StudyTables {
    private StudyTables() {}

    /// A table's head and rows, all texts.
    record Table(List<String> head, List<List<String>> rows) {}

    /// Accuracy by row and healing, for a terminal.
    public static String text(StudyRecord record) {
        var heals = record.healings();
        var head = new ArrayList<>(List.of("row", "layers"));
        heals.forEach(h -> head.add(h.equals("none") ? "removed" : h));
        head.addAll(List.of("MACs", "choosing"));
        var rows = Group.of(record).stream().map(g -> {
            var row = new ArrayList<>(List.of(g.title(), String.valueOf(g.remove())));
            heals.forEach(h -> row.add(accuracy(g, h)));
            row.add(macs(g, heals));
            row.add(Human.seconds(g.of(r -> r.chosen().seconds()).mean()));
            return List.copyOf(row);
        }).toList();
        var left = new ArrayList<>(Collections.nCopies(head.size(), false));
        left.set(0, true);
        return new TextTable(head, left, rows).text();
    }

    static Table all(StudyRecord record) {
        var heals = record.healings();
        var head = new ArrayList<>(List.of("Row", "Segments", "Removed", "Layers"));
        heals.forEach(h -> head.add(h.equals("none") ? "After removal" : Findings.healed(h)));
        head.addAll(List.of("MACs", "Parameters", "Latency, batch 128", "Choosing", "Sets scored"));
        return new Table(head, Group.of(record).stream().map(g -> row(record, g, heals)).toList());
    }

    private static List<String> row(StudyRecord record, Group g, List<String> heals) {
        var first = g.rows().getFirst().chosen();
        boolean one = g.rows().stream().map(r -> r.chosen().removed()).distinct().count() == 1;
        boolean cut = g.rows().stream().map(r -> r.chosen().segmentation().boundaries()).distinct().count() == 1;
        var row = new ArrayList<>(List.of(g.title(), cut ? first.segmentation().toString() : "differ",
                one ? first.removed().toString() : "differ", String.valueOf(g.remove())));
        heals.forEach(h -> row.add(accuracy(g, h)));
        row.add(macs(g, heals));
        row.add(heals.stream().flatMap(h -> g.after(h, m -> m.evaluation().parameters()).stream())
                .map(s -> Human.parameters(Math.round(s.mean()))).findFirst().orElse("–"));
        row.add(latency(g, heals));
        row.add(Human.seconds(g.of(r -> r.chosen().seconds()).mean()));
        row.add(Human.whole(Math.round(g.of(r -> r.chosen().candidates().scored()).mean())));
        return List.copyOf(row);
    }

    private static String accuracy(Group group, String heal) {
        return group.accuracy(heal).map(s -> s.count() == 1
                ? Human.percent(s.mean())
                : String.format(Locale.ROOT, "%s ± %.2f", Human.percent(s.mean()), 100 * s.spread())).orElse("–");
    }

    private static String macs(Group group, List<String> heals) {
        return heals.stream().flatMap(h -> group.after(h, m -> m.evaluation().macs()).stream())
                .map(s -> Human.macs(Math.round(s.mean()))).findFirst().orElse("–");
    }

    /// As a share of the dense network's in the same minute, which a busy machine disturbs least.
    private static String latency(Group group, List<String> heals) {
        return heals.stream().flatMap(h -> group.rows().stream().flatMap(r -> r.after(h).stream()))
                .flatMap(m -> m.dense() == null || m.evaluation().latency() == null
                        ? java.util.stream.Stream.empty()
                        : java.util.stream.Stream.of("%s, %.0f %% of dense".formatted(
                                Human.millis(m.evaluation().latency().batch128().median()),
                                100 * m.evaluation().latency().batch128().median() / m.dense().batch128().median())))
                .findFirst().orElse("–");
    }

    /// Segments and how stable they are, one line for each way to cut.
    static Table stability(StudyRecord record) {
        var seen = new java.util.LinkedHashMap<String, List<String>>();
        for (var row : record.rows()) {
            var cut = row.chosen().segmentation();
            var s = cut.stability();
            if (s != null) {
                seen.putIfAbsent(row.label().id(), List.of(row.label().title(), cut.toString(),
                        Human.number(cut.losses().get(cut.size() - 1)), String.format(Locale.ROOT, "%.2f", s.rand()),
                        String.format(Locale.ROOT, "%.1f layers", s.distance()),
                        "%d of %d".formatted(s.resamples().stream()
                                .filter(r -> r.boundaries().equals(cut.boundaries())).count(), s.resamples().size())));
            }
        }
        return new Table(List.of("Row", "Segments", "Loss inside", "Adjusted Rand index", "Borders move by",
                "Same borders"), List.copyOf(seen.values()));
    }

    /// Segments by number of images, draw and estimator.
    static Table sizes(StudyRecord record) {
        return new Table(List.of("Estimator", "Draw", "Images", "Three segments", "k = auto", "Distance"),
                record.sizes().stream().map(r -> List.of(r.estimator(), String.valueOf(r.seed()),
                        String.valueOf(r.examples()), r.three().toString(), r.automatic().toString(),
                        String.format(Locale.ROOT, "%.4f", r.distance()))).toList());
    }

    /// How alike the plans of different draws are, by size; and each draw's plan.
    static Table plans(StudyRecord record) {
        var rows = record.rows();
        return new Table(List.of("Images", "Draw", "Removed", "Segments"), IntStream.range(0, rows.size())
                .mapToObj(rows::get).map(r -> List.of(String.valueOf(r.calibration()), String.valueOf(r.seed()),
                        r.chosen().removed().toString(), r.chosen().segmentation().toString()))
                .toList());
    }
}
