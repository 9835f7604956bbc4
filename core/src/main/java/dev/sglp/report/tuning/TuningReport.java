package dev.sglp.report.tuning;

import static dev.sglp.report.html.Markup.escape;

import dev.sglp.evaluation.Evaluation;
import dev.sglp.report.Comparison;
import dev.sglp.report.Human;
import dev.sglp.report.Verdict;
import dev.sglp.report.html.Markup;
import dev.sglp.report.html.Page;
import dev.sglp.report.quality.Sample;
import dev.sglp.training.TrainingRecord.Epoch;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// One HTML file that shows a whole training.
public final class TuningReport {
    private TuningReport() {}

    /// Writes the report to `file`; a killed run leaves the old file or none.
    public static void write(TuningRecord record, Path file) throws IOException {
        page(record).write(file);
    }

    /// The report as one HTML text.
    public static String of(TuningRecord record) {
        return page(record).text();
    }

    /// What the page's script draws.
    private record Charts(List<Epoch> training, String unit) {}

    private static Page page(TuningRecord record) {
        return new Page(verdict(record), record.version(), header(record), sections(record),
                new Charts(record.training().points(), record.training().word()));
    }

    private static String verdict(TuningRecord record) {
        return "%s trained for %s: %s %s → %s".formatted(Verdict.name(record.model()), length(record),
                record.before().perplexity() == null ? "accuracy" : "perplexity",
                worth(record.before()), worth(record.after()));
    }

    private static String length(TuningRecord record) {
        var training = record.training();
        return training.word().equals("part") && training.steps() != null
                ? "%,d steps".formatted(training.steps())
                : training.count();
    }

    private static String worth(Evaluation of) {
        return of.perplexity() == null ? Human.percent(of.accuracy()) : Human.number(of.perplexity());
    }

    private static String header(TuningRecord record) {
        return """
                <p class="kicker">Training report</p>
                <h1>%s</h1>
                <p class="model">%s <span class="path">%s</span></p>
                <div class="tiles">
                %s</div>
                """.formatted(Markup.heading(verdict(record)), escape(record.model().description()),
                escape(record.model().path()), tiles(record));
    }

    private static String tiles(TuningRecord record) {
        var before = record.before();
        var after = record.after();
        var epochs = record.training().epochs();
        double seconds = epochs.stream().mapToDouble(Epoch::seconds).sum();
        boolean text = before.perplexity() != null && after.perplexity() != null;
        return (text
                ? Markup.tile("Perplexity", worth(after), "from " + worth(before),
                        Human.difference(before.perplexity(), after.perplexity()))
                : Markup.tile("Accuracy", worth(after), "from " + worth(before),
                        Human.points(before.accuracy(), after.accuracy())))
                + Markup.tile("Loss", Human.number(after.loss()), "from " + Human.number(before.loss()),
                        Human.difference(before.loss(), after.loss()))
                + Markup.tile("Best " + record.training().word(),
                        record.training().improved() ? String.valueOf(record.training().best().number()) : "none",
                        "of " + epochs.size(), "")
                + Markup.tile("Training time", Human.seconds(seconds),
                        Human.seconds(seconds / epochs.size()) + " each", "");
    }

    private static String sections(TuningRecord record) {
        var comparison = Comparison.of(List.of("before", "after"), List.of(record.before(), record.after()));
        return Markup.section("numbers", "Before and after",
                comparison.note() + " After: %s.".formatted(record.training().bestInWords()),
                Markup.table(comparison.head(), comparison.cells(), 1))
                + Curve.section(record.training(), "best/ holds that network, last/ the one of the end.")
                + (record.samples() == null ? "" : Sample.section(record.samples()))
                + Markup.section("settings", "Settings", "", definitions(record.settings()))
                + Markup.section("data", "Data", roles(record), definitions(record.data()))
                + Markup.section("again", "Do it again", Human.origin(record.machine()),
                        Markup.code(record.command()) + "<p class=\"fine\">"
                                + escape(Human.machine(record.machine())) + "</p>");
    }

    private static String roles(TuningRecord record) {
        var item = record.before().perplexity() == null ? "example" : "line of text";
        boolean text = record.before().perplexity() != null;
        if (text && record.command().contains("--allow-overlap")) {
            return "Lines may stand in several of these (--allow-overlap): the figures flatter where they do.";
        }
        return record.command().contains("--allow-overlap")
                ? "No %s to train on is in the others; verification and report may share %ss (--allow-overlap)."
                        .formatted(item, item)
                : "No %s is in two of these.".formatted(item);
    }

    private static String definitions(Map<String, String> words) {
        return Markup.definitions(words.entrySet().stream().map(e -> List.of(e.getKey(), e.getValue())).toList());
    }
}
