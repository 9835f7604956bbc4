package dev.sglp.report.repair;

import static dev.sglp.report.html.Markup.escape;

import dev.sglp.model.Layer;
import dev.sglp.pruning.RepairSummary;
import dev.sglp.repair.Repaired;
import dev.sglp.report.Human;
import dev.sglp.report.html.Markup;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// What is said of a repair.
public final class Repairing {
    private Repairing() {}

    /// One sentence, for instance `Repaired by refit (λ of the family, every layer from the first gap on): 18 of 18 changed layers are
    /// kept; the loss on valid.txt, check of the repair, goes from 3.75 to 3.42.`
    public static String sentence(RepairSummary repair) {
        return "Repaired by %s%s: %s%s.".formatted(repair.name(),
                repair.settings().isEmpty() ? "" : " (%s)".formatted(repair.settings()), kept(repair), gain(repair));
    }

    /// The same, and what it was fitted on.
    public static String whole(RepairSummary repair) {
        return sentence(repair) + " Fitted on " + repair.data() + ".";
    }

    private static String kept(RepairSummary repair) {
        return repair.tried() == 0
                ? "no layer was changed"
                : "%d of %d changed layers are kept".formatted(repair.layers().size(), repair.tried());
    }

    private static String gain(RepairSummary repair) {
        return repair.lossBefore() == null || repair.lossAfter() == null
                ? ""
                : "; the loss on %s goes from %s to %s".formatted(repair.check(), Human.number(repair.lossBefore()),
                        Human.number(repair.lossAfter()));
    }

    /// The section of the HTML report; empty where nothing was repaired.
    public static String section(@Nullable RepairSummary repair) {
        if (repair == null) {
            return "";
        }
        var rows = repair.layers().stream().map(layer -> List.of(layer.name(), String.valueOf(layer.layer()),
                layer.lambda() == 0 ? "–" : Human.number(layer.lambda()), share(layer.before()), share(layer.after())))
                .toList();
        String table = rows.isEmpty()
                ? ""
                : Markup.table(List.of("Layer", "Index", "Ridge λ", "Distance before", "Distance after"), rows, 1);
        return Markup.section("repair", "How the rest was repaired",
                "Each changed layer aims at the stream of the dense network where the next kept layer reads it. Distance: mean squared, as a share of that stream’s mean square, on the data it was fitted on.",
                table + "<p class=\"fine\">" + escape(whole(repair)) + "</p>");
    }

    private static String share(@Nullable Double value) {
        return value == null ? "–" : String.format(Locale.ROOT, "%.4f", value);
    }
}
