package dev.sglp.report;

import dev.sglp.pruning.PruningPlan;
import java.util.Objects;

/// The `README.md` of a written language model: what was removed, why, and what it cost and won.
public final class ModelCard {
    private ModelCard() {}

    /// Markdown.
    ///
    /// @param record a run that has a plan
    /// @throws NullPointerException where it has none
    public static String of(RunRecord record) {
        var plan = Objects.requireNonNull(record.plan());
        return """
                # %s, %d of %d layers removed

                Made by sglp %s. Removed layers, counted from 0 over the original: %s.

                %s
                ## How the layers were chosen
                %s

                The original model's licence and terms of use hold for this one.

                Reproduce it: `%s`
                """.formatted(name(record), plan.removed().size(), record.model().layers(), record.version(),
                plan.removed(), comparison(record), choice(record, plan), record.command());
    }

    private static String name(RunRecord record) {
        var path = java.nio.file.Path.of(record.model().path()).getFileName();
        return path == null ? record.model().path() : path.toString();
    }

    private static String comparison(RunRecord record) {
        if (record.before() == null) {
            return "";
        }
        var comparison = Comparison.of(record);
        var text = new StringBuilder("| | " + String.join(" | ", comparison.columns()) + " | change |\n|---|"
                + "---|".repeat(comparison.columns().size()) + "---|\n");
        comparison.rows().forEach(row -> text.append(
                "| %s | %s | %s |\n".formatted(row.label(), String.join(" | ", row.values()), row.change())));
        return text + "\nMeasured on %s.\n".formatted(record.data().report());
    }

    private static String choice(RunRecord record, PruningPlan plan) {
        return "Method `%s`, criterion `%s`, segments %s, %d sets of layers scored (%s) on %s.".formatted(plan.method(),
                plan.criterion(), plan.segmentation(), plan.candidates().scored(), plan.candidates().search(),
                record.data().calibration());
    }
}
