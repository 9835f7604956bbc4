package dev.sglp.report.study;

import static dev.sglp.report.html.Markup.escape;

import dev.sglp.report.Human;
import dev.sglp.report.html.Markup;
import dev.sglp.report.html.Page;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// A study as one HTML file that asks nothing of the network.
public final class StudyPage {
    private StudyPage() {}

    /// The page as one HTML text; a study that still runs has a page too.
    public static String of(StudyRecord record) throws IOException {
        return new Page(Findings.title(record), record.version(), header(record), sections(record),
                StudyCharts.of(record), script()).text();
    }

    private static String script() throws IOException {
        try (var in = StudyPage.class.getResourceAsStream("study.js")) {
            if (in == null) {
                throw new FileNotFoundException(
                        "[classpath] no study.js. Maybe the jar was built without its resources.");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static String header(StudyRecord record) {
        var model = record.model();
        String state = record.rows().size() < record.planned()
                ? " · %d of %d rows chosen so far".formatted(record.rows().size(), record.planned())
                : "";
        return """
                <p class="kicker">%s study</p>
                <h1>%s</h1>
                <p class="model">%s%s <span class="path">%s</span></p>
                """.formatted(escape(record.study()), escape(Findings.title(record)), escape(model.description()),
                escape(state), escape(model.path()));
    }

    private static String sections(StudyRecord record) {
        return findings(record) + quality(record) + qualities(record) + cost(record) + segments(record) + sizes(record)
                + overlap(record)
                + table(record) + about(record);
    }

    private static String findings(StudyRecord record) {
        String items = Findings.of(record).stream().map(s -> "<li>" + escape(s) + "</li>")
                .collect(Collectors.joining("\n"));
        return Markup.section("findings", "What one sees", "",
                items.isEmpty() ? "" : "<ul class=\"notes\">" + items + "</ul>");
    }

    private static String quality(StudyRecord record) {
        if (record.healings().isEmpty()) {
            return "";
        }
        var removes = Findings.removes(record);
        String title = record.quality().title();
        String figures = IntStream.range(0, removes.size())
                .mapToObj(i -> "<figure><figcaption><b>%d of %d layers removed</b></figcaption>%s</figure>".formatted(
                        removes.get(i), record.model().layers(),
                        Markup.chart("quality", i, "%s of every row without %d layers".formatted(title,
                                removes.get(i)))))
                .collect(Collectors.joining("\n"));
        String lead = "%s; each mark is one chosen network, or the mean over seeds with its standard deviation as whiskers. The dashed line is the dense network. %s"
                .formatted(record.quality().words(),
                        record.quality() != Quality.PERPLEXITY
                                ? "The axis does not begin at 0."
                                : "The axis is logarithmic." + (StudyCharts.most(record).isPresent()
                                        ? " An arrow stands for a row that lies beyond it."
                                        : ""));
        return Markup.section("quality", title + " of each way to choose", lead, figures);
    }

    private static String qualities(StudyRecord record) {
        if (!Qualities.told(record)) {
            return "";
        }
        var table = Qualities.of(record);
        return Markup.section("qualities",
                record.quality().embeddings() ? "Each treatment" : "Perplexity beside everything else",
                record.quality().embeddings()
                        ? "Agreement: the mean over the report %s of the cosine with the dense network's embeddings; least: that on which they agree least. Of several samples ± is the standard deviation over them."
                                .formatted(record.quality().items())
                        : "Perplexity alone misleads: agreement with the dense network, other texts and questions need not follow it. Of questions the fraction of right answers, ± its standard error; of several samples ± is the standard deviation over them. KL in nats a token.",
                Markup.table(table.head(), table.rows(), 3));
    }

    private static String cost(StudyRecord record) {
        if (record.healings().isEmpty() || record.study().equals("calibration")) {
            return "";
        }
        String title = record.quality().title();
        String heal = Findings.healed(Findings.lastUntrained(record));
        String better = record.quality() == Quality.PERPLEXITY ? "Down" : "Up";
        boolean methods = record.study().equals("methods");
        String lead = methods
                ? "Every chosen network by what it took to choose it: forward passes of the dense network over the calibration data, a pass back counts 2, verification not counted; %s."
                : "Every chosen network by its multiply-accumulate operations, %s.";
        return Markup.section("cost", title + " against cost",
                "%s %s and to the left is better.".formatted(lead.formatted(heal), better),
                Markup.chart("cost", 0, "%s of every row over its %s".formatted(title, methods ? "passes" : "MACs")));
    }

    private static String segments(StudyRecord record) {
        var table = StudyTables.stability(record);
        if (table.rows().isEmpty() || !record.study().equals("segments")) {
            return "";
        }
        String curve = StudyCharts.curve(record).isPresent()
                ? "<figure>" + Markup.chart("curve", 0, "Fisher's loss over the number of segments") + "</figure>"
                : "";
        return Markup.section("segments", "Segments and how stable they are",
                "Fisher’s loss for each number of segments; automatic k is where the curve lies farthest below the straight line between its ends. The segments were made again on five subsets of 80 % of the calibration data: an adjusted Rand index of 1 means the same segments, 0 chance.",
                curve + Markup.table(table.head(), table.rows(), 2));
    }

    private static String sizes(StudyRecord record) {
        if (record.sizes().isEmpty()) {
            return "";
        }
        var table = StudyTables.sizes(record);
        String sizes = record.quality().sizes();
        return Markup.section("sizes", "Similarity by number of " + sizes,
                "Root mean square difference of the CKA matrix from that of the most %1$s of the same draw; whiskers are the standard deviation over draws. Biased CKA grows where %1$s are few against the width of a layer."
                        .formatted(sizes),
                Markup.chart("sizes", 0, "Distance of the similarity matrix by number of " + sizes)
                        + "<details><summary>Segments of every draw</summary>"
                        + Markup.table(table.head(), table.rows(), 1) + "</details>");
    }

    private static String overlap(StudyRecord record) {
        if (!record.study().equals("calibration") || record.rows().isEmpty()) {
            return "";
        }
        var table = StudyTables.each(record);
        String sizes = record.quality().sizes();
        return Markup.section("overlap", "Plans by number of " + sizes,
                "How many layers the plans of two draws share, of all layers in either (Jaccard index, mean over pairs of draws): 1 is the same plan.",
                Markup.chart("overlap", 0, "Jaccard index of plans by number of " + sizes)
                        + Markup.table(table.head(), table.rows(), 1));
    }

    private static String table(StudyRecord record) {
        if (record.rows().isEmpty()) {
            return "";
        }
        var table = StudyTables.all(record);
        var quality = record.quality();
        String dense = record.dense() == null
                ? ""
                : "The dense network: %s %s, %s, %s parameters.".formatted(quality.title().toLowerCase(Locale.ROOT),
                        quality.text(quality.of(record.dense())), Human.macs(record.dense().macs()),
                        Human.parameters(record.dense().parameters()));
        return Markup.section("rows", "All rows", dense, Markup.table(table.head(), table.rows(), 3) + each(record)
                + "<p class=\"fine\">± is the standard deviation over seeds. Passes: what similarity and scores of this row alone took, in forward passes of the dense network over its calibration data (a pass back counts 2); passes to verify come on top. Choosing: the time of all of it; a repair's or healing's own time, with its check, comes on top.</p>");
    }

    /// The choices behind rows of several seeds; a study of draws shows them elsewhere.
    private static String each(StudyRecord record) {
        if (record.study().equals("calibration") || record.rows().size() == Group.of(record).size()) {
            return "";
        }
        var table = StudyTables.each(record);
        return "<details><summary>The choice of every seed</summary>" + Markup.table(table.head(), table.rows(), 1)
                + "</details>";
    }

    private static String about(StudyRecord record) {
        var compares = Group.of(record).stream().map(g -> List.of(g.label().id(), g.label().title() + ": "
                + g.label().compares())).distinct().toList();
        var data = List.of(List.of("Calibration", record.data().calibration()),
                List.of("Verification", record.data().verification()), List.of("Report", record.data().report()),
                List.of("Settings", String.join(" ", record.settings())),
                List.of("Notes", String.join(" ", record.notes())));
        String machine = record.machine() == null
                ? ""
                : "<p class=\"fine\">" + escape(Human.machine(record.machine())) + "</p>";
        return Markup.section("about", "What was compared, and on what", "",
                Markup.definitions(compares) + "<h3>Data and settings</h3>" + Markup.definitions(data)
                        + "<h3>The same study again</h3>" + Markup.code(record.command()) + machine);
    }
}
