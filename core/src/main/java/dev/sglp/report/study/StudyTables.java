package dev.sglp.report.study;

import dev.sglp.evaluation.Evaluation.Fidelity;
import dev.sglp.evaluation.Evaluation.Latency;
import dev.sglp.evaluation.Evaluation.Timing;
import dev.sglp.pruning.PruningPlan.ForwardEquivalents;
import dev.sglp.report.Comparison;
import dev.sglp.report.Human;
import dev.sglp.report.TextTable;
import dev.sglp.report.study.StudyRow.Measured;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.DoubleFunction;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/// The rows of a study as tables, for terminal and page.
public final class StudyTables {
    private StudyTables() {}

    /// A table's head and rows, all texts.
    record Table(List<String> head, List<List<String>> rows) {}

    /// Quality by row and healing, for a terminal; the dense network comes first.
    public static String text(StudyRecord record) {
        var heals = record.healings();
        var groups = Group.of(record);
        boolean seeds = groups.stream().anyMatch(g -> g.rows().size() > 1);
        var head = new ArrayList<>(List.of("row", "removed"));
        head.addAll(seeds ? List.of("seeds") : List.of());
        heals.forEach(h -> head.add(heading(record, h)));
        var columns = columns(record).stream() // long titles need the place of one column
                .filter(c -> !(record.study().equals("calibration") && c.name.equals("Agree"))).toList();
        columns.forEach(c -> head.add(c.name.toLowerCase(Locale.ROOT).replace("kl", "KL").replace("macs", "MACs")));
        var rows = new ArrayList<>(dense(record, head));
        groups.forEach(g -> {
            var row = new ArrayList<>(List.of(g.label().title(), String.valueOf(g.remove())));
            row.addAll(seeds ? List.of(String.valueOf(g.rows().size())) : List.of());
            heals.forEach(h -> row.add(quality(record, g, h)));
            columns.forEach(c -> row.add(c.cell.apply(g)));
            rows.add(row);
        });
        var left = new ArrayList<>(Collections.nCopies(head.size(), false));
        left.set(0, true);
        var table = new TextTable(head, left, rows).text();
        return Qualities.told(record) ? "%s%n%s".formatted(table, Qualities.text(record)) : table;
    }

    /// The first column says what is measured.
    private static String heading(StudyRecord record, String heal) {
        String measure = record.quality().title().toLowerCase(Locale.ROOT);
        return heal.equals("none")
                ? measure
                : (heal.equals(record.healings().getFirst()) ? measure + " " : "") + "after " + heal;
    }

    /// What the rows are compared with; no row until something was measured.
    private static List<List<String>> dense(StudyRecord record, List<String> head) {
        var dense = record.dense();
        if (dense == null || record.healings().isEmpty()) {
            return List.of();
        }
        var row = new ArrayList<>(Collections.nCopies(head.size(), "–"));
        row.set(0, "dense network");
        row.set(head.indexOf(heading(record, record.healings().getFirst())),
                record.quality().text(record.quality().of(dense)));
        if (head.contains("MACs")) {
            row.set(head.indexOf("MACs"), Human.macs(dense.macs()));
        }
        return List.of(row);
    }

    /// A number of a group, in words.
    private record Column(String name, Function<Group, String> cell) {}

    /// What follows the quality.
    private static List<Column> columns(StudyRecord record) {
        var heals = record.healings();
        var all = new ArrayList<Column>();
        if (record.quality() == Quality.PERPLEXITY && !Qualities.told(record)) {
            all.add(new Column("KL", g -> fidelity(g, Fidelity::klDivergence, Human::number)));
            all.add(new Column("Agree", g -> fidelity(g, Fidelity::top1Agreement, Human::percent)));
        }
        if (record.quality().embeddings() && !Qualities.told(record)) {
            all.add(new Column("Least", g -> heals.isEmpty()
                    ? "–"
                    : g.after(heals.getFirst(), m -> Quality.least(m.evaluation())).map(record.quality()::text)
                            .orElse("–")));
        }
        if (record.quality() != Quality.PERPLEXITY) {
            all.add(new Column("MACs", g -> macs(g, heals)));
        }
        if (record.rows().size() > Group.of(record).size()) {
            all.add(new Column("Overlap",
                    g -> g.overlap().map(s -> String.format(Locale.ROOT, "%.2f", s.mean())).orElse("–")));
        }
        all.add(new Column("Passes", g -> passes(g, ForwardEquivalents::choosing)));
        all.add(new Column("Choosing", g -> Human.seconds(g.of(r -> r.chosen().seconds()).mean())));
        return all;
    }

    /// Mean over the rows.
    private static String passes(Group group, ToDoubleFunction<ForwardEquivalents> part) {
        var mean = group.rows().stream().map(r -> r.chosen().candidates().forwardEquivalents())
                .filter(Objects::nonNull).mapToDouble(part).average();
        return mean.isPresent() ? String.format(Locale.ROOT, "%.1f", mean.getAsDouble()) : "–";
    }

    /// Mean over the rows.
    private static String fidelity(Group group, ToDoubleFunction<Fidelity> part, DoubleFunction<String> text) {
        var mean = group.rows().stream().flatMap(r -> r.measured().stream()).map(m -> m.evaluation().fidelity())
                .filter(Objects::nonNull).mapToDouble(part).average();
        return mean.isPresent() ? text.apply(mean.getAsDouble()) : "–";
    }

    static Table all(StudyRecord record) {
        var heals = record.healings();
        var columns = columns(record);
        var head = new ArrayList<>(List.of("Row", "Segments", "Removed", "Layers"));
        heals.forEach(h -> head.add(healed(record, h)));
        columns.forEach(c -> head.add(c.name));
        var mended = heals.stream().filter(h -> !h.equals("none")).toList();
        head.add("Passes to verify");
        mended.forEach(h -> head.add("Time of " + h));
        head.addAll(List.of("Parameters", record.quality().latencyTitle(), "Sets scored"));
        return new Table(head, Group.of(record).stream().map(g -> {
            var row = new ArrayList<>(plan(g));
            heals.forEach(h -> row.add(quality(record, g, h)));
            columns.forEach(c -> row.add(c.cell.apply(g)));
            row.add(passes(g, ForwardEquivalents::verification));
            mended.forEach(h -> row.add(g.after(h, Measured::seconds).map(s -> Human.seconds(s.mean())).orElse("–")));
            row.add(heals.stream().flatMap(h -> g.after(h, m -> m.evaluation().parameters()).stream())
                    .map(s -> Human.parameters(Math.round(s.mean()))).findFirst().orElse("–"));
            row.add(latency(record, g));
            row.add(Human.whole(Math.round(g.of(r -> r.chosen().candidates().scored()).mean())));
            return List.copyOf(row);
        }).toList());
    }

    private static List<String> plan(Group g) {
        var first = g.rows().getFirst().chosen();
        boolean one = g.rows().stream().map(r -> r.chosen().removed()).distinct().count() == 1;
        boolean cut = g.rows().stream().map(r -> r.chosen().segmentation().boundaries()).distinct().count() == 1;
        return List.of(g.title(), cut ? first.segmentation().toString() : "differ",
                one ? first.removed().toString() : "differ", String.valueOf(g.remove()));
    }

    private static String quality(StudyRecord record, Group group, String heal) {
        return group.after(heal, record.quality()).map(record.quality()::text).orElse("–");
    }

    private static String macs(Group group, List<String> heals) {
        return heals.stream().flatMap(h -> group.after(h, m -> m.evaluation().macs()).stream())
                .map(s -> Human.macs(Math.round(s.mean()))).findFirst().orElse("–");
    }

    /// As a share of the dense network's, with which it ran in turn.
    private static String latency(StudyRecord record, Group group) {
        return group.rows().stream().flatMap(r -> r.measured().stream()).map(m -> m.evaluation().latency())
                .filter(Objects::nonNull).map(l -> share(l, record.quality().timing(l))).findFirst().orElse("–");
    }

    private static String share(Latency latency, Timing pruned) {
        var ratio = pruned.againstDense();
        var time = Human.millis(pruned.median())
                + (latency.tokens() == null ? "" : " for %s tokens".formatted(Human.whole(latency.tokens())));
        if (ratio == null) {
            return time;
        }
        return ratio.differenceMeasured()
                ? String.format(Locale.ROOT, "%s, %.0f %% of dense", time, 100 / ratio.timesAsFast())
                : time + ", " + Comparison.NO_DIFFERENCE;
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

    /// Segments by number of images or tokens, draw and estimator.
    static Table sizes(StudyRecord record) {
        return new Table(List.of("Estimator", "Draw", sized(record), "Three segments", "k = auto", "Distance"),
                record.sizes().stream().map(r -> List.of(r.estimator(), String.valueOf(r.seed()),
                        String.valueOf(r.examples()), r.three().toString(), r.automatic().toString(),
                        String.format(Locale.ROOT, "%.4f", r.distance()))).toList());
    }

    /// Every choice, one line for each seed or draw.
    static Table each(StudyRecord record) {
        boolean sizes = record.study().equals("calibration");
        var head = new ArrayList<>(List.of("Row", "Layers"));
        head.addAll(sizes ? List.of(sized(record), "Draw") : List.of("Seed"));
        head.addAll(List.of("Removed", "Segments"));
        record.healings().forEach(h -> head.add(healed(record, h)));
        return new Table(head, record.rows().stream().map(r -> {
            var row = new ArrayList<>(List.of(sizes ? r.label().choice() : r.label().title(),
                    String.valueOf(r.remove())));
            row.addAll(sizes ? List.of(Human.whole(r.size())) : List.of());
            row.addAll(List.of(String.valueOf(r.seed()), r.chosen().removed().toString(),
                    r.chosen().segmentation().toString()));
            record.healings().forEach(h -> row.add(r.after(h)
                    .map(m -> record.quality().text(record.quality().of(m.evaluation()))).orElse("–")));
            return List.copyOf(row);
        }).toList());
    }

    private static String healed(StudyRecord record, String heal) {
        if (!heal.equals("none")) {
            return Findings.healed(heal);
        }
        return record.quality() == Quality.PERPLEXITY
                ? "Perplexity"
                : record.quality().title() + " after removal";
    }

    private static String sized(StudyRecord record) {
        return record.quality().text() ? "Tokens" : "Images";
    }
}
