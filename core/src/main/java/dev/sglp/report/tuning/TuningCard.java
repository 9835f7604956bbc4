package dev.sglp.report.tuning;

import dev.sglp.report.Comparison;
import dev.sglp.report.ModelCard;
import dev.sglp.report.quality.SampleTable;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;

/// What the model card of a language model says once more when it was trained further.
public final class TuningCard {
    private TuningCard() {}

    /// @param card of the network before; empty where it had none
    public static String of(String card, TuningRecord record) {
        var comparison = Comparison.of(List.of("before", "after"), List.of(record.before(), record.after()));
        var table = comparison.cells().stream().map(row -> "| %s |\n".formatted(String.join(" | ", row)))
                .collect(Collectors.joining());
        return """
                %s## Trained further
                Trained by sglp %s: %s. After: %s.

                | %s |
                |%s
                %s
                Measured on %s.
                %s
                %s""".formatted(card.isBlank() ? "" : card.stripTrailing() + "\n\n", record.version(),
                Lesson.words(record.settings(), record.data().getOrDefault("training", "")),
                record.training().bestInWords(),
                String.join(" | ", comparison.head()), "---|".repeat(comparison.head().size()), table,
                record.data().get("report"),
                SampleTable.of(Objects.requireNonNullElse(record.samples(), List.of())),
                ModelCard.again(record.command()));
    }
}
