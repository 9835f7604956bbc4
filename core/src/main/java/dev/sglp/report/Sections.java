package dev.sglp.report;

import dev.sglp.report.repair.Repairing;
import static dev.sglp.report.html.Markup.escape;

import dev.sglp.model.LayerSet;
import dev.sglp.pruning.PruningPlan;
import dev.sglp.pruning.PruningPlan.Verified;
import dev.sglp.report.ChartData.Candidates;
import dev.sglp.report.RunRecord.LayerRow;
import dev.sglp.report.RunRecord.Stored;
import dev.sglp.report.html.Markup;
import dev.sglp.report.quality.Sample;
import dev.sglp.report.tuning.Curve;
import dev.sglp.segmentation.Segmentation.Segment;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// The sections of the HTML report that say why, in the order of the method; one without data is an empty text.
final class Sections {
    private static final int MOST_SEGMENTS = 6;

    private Sections() {}

    static String all(RunRecord record) {
        return similarity(record) + segmentation(record) + candidates(record) + singles(record) + verification(record)
                + Repairing.section(record.plan() == null ? null : record.plan().repair()) + training(record)
                + Sample.section(Objects.requireNonNullElse(record.samples(), List.of()))
                + notes(record) + time(record) + data(record) + open(record) + again(record);
    }

    private static String similarity(RunRecord record) {
        var similarity = record.similarity();
        if (similarity == null || similarity.values().isEmpty()) {
            return "";
        }
        String facts = "%s kernel, %s estimator, %s calibration examples".formatted(similarity.kernel(),
                similarity.estimator(), Human.whole(similarity.examples()));
        String body = "<div class=\"beside\"><figure>"
                + Markup.chart("cka", 0, "Heatmap of the similarity of every two layers")
                + "</figure><div>" + means(record, similarity.values())
                + neighbours(record, similarity.values())
                + "<p class=\"fine\">" + escape(facts) + "</p>" + everyNeighbour(record, similarity.values())
                + "</div></div>";
        return Markup.section("similarity", "How alike the layers are",
                "CKA between the outputs of every two layers, 1 where they say the same. Solid blocks along the diagonal are runs of layers that repeat each other; the lines are the segment borders"
                        + (record.plan() == null ? "." : ", the marks along the edges the removed layers."),
                body);
    }

    private static String means(RunRecord record, List<List<Double>> values) {
        var segments = record.segmentation().segments();
        if (segments.size() > MOST_SEGMENTS) {
            return "";
        }
        var head = new ArrayList<>(List.of("Segment"));
        IntStream.rangeClosed(1, segments.size()).forEach(s -> head.add(String.valueOf(s)));
        var rows = IntStream.range(0, segments.size()).mapToObj(s -> {
            var row = new ArrayList<>(List.of(name(s, segments.get(s))));
            segments.forEach(other -> row.add(mean(values, segments.get(s), other)));
            return List.copyOf(row);
        }).toList();
        return "<h3>Mean similarity of the segments</h3>" + Markup.table(head, rows, 1);
    }

    /// How alike a removed layer is to the one before it; the first ten where there are more.
    private static String neighbours(RunRecord record, List<List<Double>> values) {
        var removed = record.layers().stream().filter(l -> l.removed() && l.index() > 0 && l.index() < values.size())
                .toList();
        var rows = new ArrayList<List<String>>();
        removed.stream().limit(10).forEach(l -> rows.add(neighbour(l, values)));
        if (removed.size() > rows.size()) {
            rows.add(List.of("… and %d more".formatted(removed.size() - rows.size()), ""));
        }
        return rows.isEmpty()
                ? ""
                : "<h3>Removed layers and the layer before each</h3>" + Markup.table(List.of("Layer", "CKA"), rows, 1);
    }

    private static List<String> neighbour(LayerRow layer, List<List<Double>> values) {
        return List.of(layer.index() + " · " + layer.name(),
                String.format(Locale.ROOT, "%.3f", values.get(layer.index()).get(layer.index() - 1)));
    }

    /// What of the heatmap fits in a list.
    private static String everyNeighbour(RunRecord record, List<List<Double>> values) {
        var rows = record.layers().stream().filter(l -> l.index() > 0 && l.index() < values.size())
                .map(l -> neighbour(l, values)).toList();
        return "<details><summary>Every layer and the layer before it as a table</summary>%s</details>\n"
                .formatted(Markup.table(List.of("Layer", "CKA"), rows, 1));
    }

    private static String name(int s, Segment segment) {
        return "%d · %d–%d".formatted(s + 1, segment.from(), segment.to() - 1);
    }

    private static String mean(List<List<Double>> values, Segment rows, Segment columns) {
        double mean = values.subList(rows.from(), Math.min(rows.to(), values.size())).stream()
                .flatMap(r -> r.subList(columns.from(), Math.min(columns.to(), r.size())).stream())
                .mapToDouble(Double::doubleValue).average().orElse(Double.NaN);
        return String.format(Locale.ROOT, "%.2f", mean);
    }

    private static String segmentation(RunRecord record) {
        var segmentation = record.segmentation();
        if (segmentation.losses().size() < 2) {
            return "";
        }
        var rows = IntStream.range(0, segmentation.size()).mapToObj(s -> segmentRow(record, s)).toList();
        String body = "<div class=\"beside\"><figure>"
                + Markup.chart("fisher", 0, "Sum of squares inside the segments over their number") + "</figure><div>"
                + Markup.table(List.of("Segment", "Layers", "Removed", "Removable"), rows, 3) + "<p class=\"fine\">"
                + escape(Tables.stability(segmentation)) + "</p></div></div>";
        return Markup.section("segmentation", "Where the network is cut into segments",
                "Fisher’s optimal segmentation: the sum of squares left inside the segments for each number of segments. Chosen: k = %d (%s)."
                        .formatted(segmentation.size(), segmentation.rule()),
                body);
    }

    private static List<String> segmentRow(RunRecord record, int s) {
        var segment = record.segmentation().segment(s);
        long removable = record.layers().stream().filter(l -> segment.contains(l.index()) && l.removable()).count();
        String removed = record.plan() == null ? "–" : few(Tables.removedFrom(record, s));
        return List.of(String.valueOf(s + 1), "%d–%d".formatted(segment.from(), segment.to() - 1), removed,
                "%d of %d".formatted(removable, segment.to() - segment.from()));
    }

    /// The layers, the first eight where there are more.
    private static String few(LayerSet layers) {
        var first = new LayerSet(layers.indices().stream().limit(8).toList());
        return layers.size() == first.size()
                ? layers.toString()
                : "%s … +%d".formatted(first, layers.size() - first.size());
    }

    private static String candidates(RunRecord record) {
        var plan = record.plan();
        var charts = ChartData.of(record).candidates();
        if (plan == null || charts.isEmpty()) {
            return "";
        }
        var counts = plan.candidates();
        String lead = "Sets of layers scored by %s; the lowest score is removed first. %s (search: %s). Orange is removed; a ring is the lowest score where another set was taken."
                .formatted(plan.criterion(), counted(counts), counts.search());
        String figures = IntStream.range(0, charts.size())
                .mapToObj(i -> "<figure><figcaption>" + caption(record, charts.get(i)) + "</figcaption>"
                        + Markup.chart("candidates", i,
                                "Scores of the candidate sets of segment " + (charts.get(i).segment() + 1))
                        + listed(charts.get(i)) + "</figure>")
                .collect(Collectors.joining("\n"));
        return Markup.section("candidates", "Which layers of each segment", lead,
                "<div class=\"columns\">" + figures + "</div>");
    }

    private static String counted(PruningPlan.Candidates counts) {
        return counts.scored() >= counts.possible()
                ? "All %s sets were scored".formatted(Human.whole(counts.possible()))
                : "%s sets were scored, smaller ones on the way included, where all would be %s"
                        .formatted(Human.whole(counts.scored()), Human.whole(counts.possible()));
    }

    private static String listed(Candidates chart) {
        var rows = chart.rows().stream().map(row -> List.of(row.layers().toString(), row.chosen() ? "removed" : "",
                Human.number(row.score()))).toList();
        return "<details><summary>These scores as a table</summary>%s</details>\n"
                .formatted(Markup.table(List.of("Layers", "", "Score"), rows, 2));
    }

    private static String caption(RunRecord record, Candidates chart) {
        var segment = record.segmentation().segment(chart.segment());
        String shown = chart.gap() < 0
                ? "%d scored".formatted(chart.total())
                : "%d scored: best %d, worst %d".formatted(chart.total(), ChartData.BEST, ChartData.WORST);
        return "<b>Segment %d</b>Layers %d to %d · %s".formatted(chart.segment() + 1, segment.from(), segment.to() - 1,
                shown);
    }

    private static String singles(RunRecord record) {
        if (record.importance().isEmpty()) {
            return "";
        }
        var rows = record.agreement().stream().map(a -> List.of(
                name(a.segment(), record.segmentation().segment(a.segment())),
                Diagnosis.words(a.spearman(), a.layers()), String.valueOf(a.layers()),
                a.spearman() == null ? "–" : String.format(Locale.ROOT, "%.2f", a.spearman()).replace('-', '−')))
                .toList();
        String question = rows.isEmpty()
                ? ""
                : "<h3>Does the score order the layers as the measured loss does?</h3>"
                        + Markup.table(List.of("Segment", "Agreement", "Layers", "Rank correlation"), rows, 2);
        String agreement = Diagnosis.ownMeasure(record)
                ? "<p class=\"fine\">The score is the measured loss itself: there is nothing to compare it with.</p>"
                : question;
        boolean measured = record.importance().stream().anyMatch(s -> s.lossIncrease() != null);
        return Markup.section("singles", "Each layer alone",
                measured
                        ? "The score of every removable layer alone and how much the loss grows without it%s. The two should rise and fall together."
                                .formatted(Tables.asRepaired(record))
                        : "The score of every removable layer alone. How much the loss grows without it was left out (--no-diagnosis, --preset fast).",
                "<figure><figcaption>Coloured by segment; hatched where removed, absent where fixed.</figcaption>"
                        + Markup.chart("singles", 0, "Score and loss increase of every layer alone")
                        + listed(record) + "</figure>"
                        + agreement + mechanisms(record));
    }

    private static String mechanisms(RunRecord record) {
        return Diagnosis.mechanisms(record).stream().map(f -> "<h3>%s</h3>\n<p class=\"finding\">%s</p>\n"
                .formatted(escape(f.question()), escape(f.answer()))).collect(Collectors.joining());
    }

    private static String listed(RunRecord record) {
        var names = record.layers().stream().collect(Collectors.toMap(LayerRow::index, LayerRow::name));
        var removed = record.plan() == null ? LayerSet.EMPTY : record.plan().removed();
        var rows = record.importance().stream().map(s -> List.of(String.valueOf(s.layer()),
                names.getOrDefault(s.layer(), "–"), String.valueOf(s.segment() + 1),
                removed.contains(s.layer()) ? "removed" : "", Human.number(s.score()),
                s.lossIncrease() == null ? "–" : Human.number(s.lossIncrease()))).toList();
        return "<details><summary>These scores as a table</summary>%s</details>\n".formatted(
                Markup.table(List.of("Layer", "Name", "Segment", "", "Score",
                        "Loss increase (%s)".formatted(record.model().lossIn())), rows, 4));
    }

    private static String verification(RunRecord record) {
        var plan = record.plan();
        if (plan == null || plan.verification().isEmpty()) {
            return "";
        }
        boolean several = plan.verification().stream().anyMatch(v -> v.by() != null);
        boolean twice = plan.verification().stream().anyMatch(v -> v.whole() != null);
        var titles = new ArrayList<>(List.of("Removed layers", ""));
        titles.addAll(several ? List.of("Found by") : List.of("Total score", "Order by score"));
        titles.addAll(twice ? List.of("Repaired", "Order") : List.of("Order by loss"));
        titles.add("Loss (%s)".formatted(record.model().lossIn()));
        int words = several ? twice ? 4 : 3 : 2;
        var rows = new StringBuilder();
        verified(plan, several).forEach((v, cells) -> rows
                .append(Markup.row("td", cells, words, v.removed().equals(plan.removed()) ? "chosen" : "")));
        return Markup.section("verification", "The best plans, checked on more data",
                (several
                        ? "The best plans of each method, run on the verification data; the lowest loss wins. On text a quarter of the data may be enough to tell."
                        : "The plans with the lowest scores, each run once on the verification data; the lowest loss wins.")
                        + (twice
                                ? " The best few ran again, repaired whole, and come first: of these the lowest loss wins."
                                : ""),
                "<div class=\"scroll\"><table><thead>" + Markup.row("th", titles, words, "")
                        + "</thead><tbody>" + rows + "</tbody></table></div>");
    }

    private static Map<Verified, List<String>> verified(PruningPlan plan, boolean several) {
        var entered = plan.verification().stream().sorted(Comparator.comparingDouble(Verified::total)).toList();
        var rows = new LinkedHashMap<Verified, List<String>>();
        for (var v : plan.verification()) {
            var cells = new ArrayList<>(
                    List.of(v.removed().toString(), v.removed().equals(plan.removed()) ? "chosen" : ""));
            cells.addAll(several
                    ? List.of(v.by() == null ? "" : v.by())
                    : List.of(Human.number(v.total()), String.valueOf(entered.indexOf(v) + 1)));
            if (v.whole() != null) {
                cells.add(v.whole() ? "whole" : "gap by gap");
            }
            cells.addAll(List.of(String.valueOf(rows.size() + 1), Human.number(v.loss())));
            rows.put(v, cells);
        }
        return rows;
    }

    private static String training(RunRecord record) {
        var training = record.training();
        return training == null
                ? ""
                : Curve.section(training, record.healed().isEmpty()
                        ? "The weights of the written network are %s.".formatted(training.takenInWords())
                        : record.healed());
    }

    private static String notes(RunRecord record) {
        String warnings = Diagnosis.warnings(record).stream().map(w -> "<li class=\"warning\">" + escape(w) + "</li>")
                .collect(Collectors.joining("\n"));
        String notes = record.notes().stream().map(n -> "<li>" + escape(n) + "</li>").collect(Collectors.joining("\n"));
        String list = warnings + notes;
        return Markup.section("notes", "Notes and warnings", "Choices made on the way, and what to be wary of.",
                list.isEmpty() ? "" : "<ul class=\"notes\">" + list + "</ul>");
    }

    /// Bars of plain HTML: they print and need no script.
    private static String time(RunRecord record) {
        double total = record.seconds().values().stream().mapToDouble(Double::doubleValue).sum();
        double longest = record.seconds().values().stream().mapToDouble(Double::doubleValue).max().orElse(0);
        String bars = record.seconds().entrySet().stream().map(e -> String.format(Locale.ROOT,
                "<span class=\"step\">%s</span><span class=\"bar\"><b style=\"width:%.2f%%\"></b></span><span class=\"n\">%s</span>",
                escape(e.getKey()), longest == 0 ? 0 : 100 * e.getValue() / longest, Human.seconds(e.getValue())))
                .collect(Collectors.joining("\n"));
        String lead = "%s in all; at most %s of resident memory. %s".formatted(Human.seconds(total),
                Human.bytes(record.peakRssBytes()), Tables.work(record)).strip();
        return Markup.section("time", "Where the time went", lead,
                bars.isEmpty()
                        ? ""
                        : "<div class=\"bars\">" + bars + "</div><p class=\"fine\">"
                                + escape(Human.machine(record.machine())) + "</p>");
    }

    private static String data(RunRecord record) {
        var data = record.data();
        boolean shared = record.notes().stream().anyMatch(n -> n.contains("Allowed by --allow-overlap"));
        return Markup.section("data", "Data",
                shared
                        ? "Roles of which some share examples: see the notes."
                        : data.healing() == null
                                ? "Three roles that share no example."
                                : "Healing shares no example with verification and report; no two of the other roles share one.",
                Markup.definitions(Stream.of(List.of("Calibration", data.calibration()),
                        List.of("Healing", Objects.requireNonNullElse(data.healing(), "")),
                        List.of("Verification", data.verification()), List.of("Report", data.report()))
                        .filter(role -> !role.getLast().isEmpty()).toList()));
    }

    private static String open(RunRecord record) {
        var output = record.output();
        if (output == null) {
            return "";
        }
        String lead = "Written to %s, as %s. Re-opened after writing: the largest difference of a logit is %.1e."
                .formatted(output.weights(), types(output.stored()), output.largestLogitDifference());
        return Markup.section("open", "Open the result elsewhere", lead, Markup.code(output.openWith()));
    }

    /// `float16; 61 tensors float32`
    private static String types(Stored stored) {
        var types = new ArrayList<>(stored.types().entrySet());
        return types.isEmpty()
                ? "nothing"
                : types.getFirst().getKey() + types.stream().skip(1)
                        .map(t -> "; %d tensor%s %s".formatted(t.getValue(), t.getValue() == 1 ? "" : "s", t.getKey()))
                        .collect(Collectors.joining());
    }

    private static String again(RunRecord record) {
        return Markup.section("again", "Do it again", Human.origin(record.machine()),
                Markup.code(record.command()) + made(record)
                        + (record.plan() == null ? "" : provenance(record.plan())));
    }

    /// The preset, and all settings whether they were typed or not.
    private static String made(RunRecord record) {
        var all = new ArrayList<List<String>>();
        if (record.preset() != null) {
            all.add(List.of("Made by", record.preset().toString()));
        }
        if (record.settings() != null) {
            all.add(List.of("Settings", record.settings().entrySet().stream()
                    .map(flag -> flag.getKey() + " " + flag.getValue()).collect(Collectors.joining(" "))));
        }
        return all.isEmpty() ? "" : Markup.definitions(all);
    }

    private static String provenance(PruningPlan plan) {
        var from = plan.provenance();
        var weightSeed = from.weightSeed() == null ? from.seed() : from.weightSeed();
        return Markup.definitions(List.of(List.of("Seed", String.valueOf(from.seed())),
                List.of("Seed of drawn weights", String.valueOf(weightSeed)), List.of("Model", from.model()),
                List.of("SHA-256", from.weights()), List.of("Calibration", from.data()),
                List.of("Choice", plan.how()),
                List.of("Version", from.version())));
    }
}
