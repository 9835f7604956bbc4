package dev.sglp.report;

import dev.sglp.pruning.PruningPlan;
import dev.sglp.report.RunRecord.Stored;
import dev.sglp.report.repair.Repairing;
import dev.sglp.report.quality.SampleTable;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;

/// The `README.md` of a written language model: what it was made of and under which licence, what was removed, why, and what it
/// cost and won.
///
/// @param name   of the original
/// @param fields lines of YAML for the card's head
public record ModelCard(String name, List<String> fields) {
    private static final Pattern OWN = Pattern.compile("^(Made|Written anew|Trained) by sglp ", Pattern.MULTILINE);
    private static final String TERMS = "The original model's licence and terms of use hold for this one.";

    public ModelCard {
        fields = List.copyOf(fields);
    }

    /// Markdown.
    ///
    /// @param record a run that has a plan
    /// @throws NullPointerException where it has none
    public String of(RunRecord record) {
        var plan = Objects.requireNonNull(record.plan());
        var samples = SampleTable.of(Objects.requireNonNullElse(record.samples(), List.of()));
        var why = choice(plan, record.data().calibration()) + repair(plan)
                + (record.healed().isEmpty() ? "" : "\n\n## How it was healed\n" + record.healed());
        return pruned(plan, record.version(), Tables.done(record) + "\n\n" + comparison(record) + samples, why,
                record.command());
    }

    /// Of a model from which a plan that was made before was removed.
    public String of(PruningPlan plan, Stored stored, String version, String command) {
        return pruned(plan, version, sizes(stored), choice(plan, plan.provenance().data()) + repair(plan), command);
    }

    private static String sizes(Stored stored) {
        return "The weights take %s, those of the original %s. %s".formatted(Human.bytes(stored.bytes()),
                Human.bytes(stored.given()), String.join(" ", stored.sentences())).strip() + "\n";
    }

    /// @param why how the layers were chosen, and what was done with the rest
    private String pruned(PruningPlan plan, String version, String numbers, String why, String command) {
        return head() + """
                # %s, %d of %d layers removed

                Made by sglp %s. Removed layers, counted from 0 over the original: %s.

                %s
                ## How the layers were chosen
                %s

                %s

                %s""".formatted(name, plan.removed().size(), plan.layers(), version, plan.removed(), numbers,
                why, TERMS, again(command));
    }

    /// Of a model that only changed its format.
    public String converted(Stored stored, String version, String command) {
        return head() + """
                # %s

                Written anew by sglp %s, no layer removed.

                %s
                %s

                %s""".formatted(name, version, sizes(stored), TERMS, again(command));
    }

    /// Of a model that is trained further and whose card nobody here wrote: what {@link dev.sglp.report.tuning.TuningCard} goes on from.
    public String original() {
        return head() + "# %s, trained further\n\n%s\n".formatted(name, TERMS);
    }

    /// Whether sglp wrote a card.
    public static boolean isOwn(String card) {
        return OWN.matcher(card).find();
    }

    /// A block of code, whose fence is longer than any run of backticks in it.
    public static String again(String command) {
        int run = Pattern.compile("`+").matcher(command).results().mapToInt(r -> r.end() - r.start()).max().orElse(0);
        var fence = "`".repeat(Math.max(3, run + 1));
        return "Do it again:\n\n%ssh\n%s\n%s\n".formatted(fence, command, fence);
    }

    private String head() {
        return fields.isEmpty() ? "" : "---\n%s\n---\n".formatted(String.join("\n", fields));
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
        return text + "\nMeasured on %s.\n\n%s\n".formatted(record.data().report(),
                String.join(" ", comparison.remarks()));
    }

    private static String repair(PruningPlan plan) {
        return plan.repair() == null ? "" : "\n\n## How the rest was repaired\n" + Repairing.whole(plan.repair());
    }

    private static String choice(PruningPlan plan, String calibration) {
        if (!plan.hasMethod()) {
            return plan.method().equals(PruningPlan.EDITED)
                    ? "Edited by hand: a plan was made on %s, then somebody changed which layers go."
                            .formatted(calibration)
                    : "By hand: somebody named the layers that go.";
        }
        return "Method `%s`, criterion `%s`%s, segments %s, %d sets of layers scored (%s) on %s.".formatted(
                plan.method(), plan.criterion(), plan.preset() == null ? "" : " (%s)".formatted(plan.preset()),
                plan.segmentation(), plan.candidates().scored(), plan.candidates().search(), calibration);
    }
}
