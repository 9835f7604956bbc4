package dev.sglp.report;

import dev.sglp.evaluation.Evaluation;
import dev.sglp.report.quality.Grade;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// The whole run in one sentence.
public final class Verdict {
    private Verdict() {}

    /// `ResNet-56 without 6 of 27 layers: 22 % fewer MACs, accuracy 83.20 % → 81.90 %`; without a measured result what
    /// the plan removes, and without a plan what the analysis found.
    public static String of(RunRecord record) {
        String name = name(record.model());
        var plan = record.plan();
        if (plan == null) {
            long removable = record.layers().stream().filter(RunRecord.LayerRow::removable).count();
            int segments = record.segmentation().size();
            return "%s: %d layers in %d segment%s, %d of them removable".formatted(name, record.model().layers(),
                    segments, segments == 1 ? "" : "s", removable);
        }
        String what = "%s without %d of %d layers".formatted(name, plan.removed().size(), plan.layers());
        Evaluation before = record.before();
        Evaluation after = last(record);
        return before == null || after == null
                ? what + ": planned, not measured"
                : what + ": " + saved(before.macs(), after.macs()) + Grade.of(after).change(before, after);
    }

    /// What people call the network: its description up to the first comma or bracket, else its family.
    public static String name(RunRecord.Model model) {
        String name = model.description().split("[,(]", 2)[0].strip();
        return name.isEmpty() ? model.family() : name;
    }

    /// The network as it was written: healed where it was healed.
    static @Nullable Evaluation last(RunRecord record) {
        return record.after() != null ? record.after() : record.afterRemoval();
    }

    private static String saved(long before, long after) {
        double share = before == 0 ? 0 : 1 - (double) after / before;
        return String.format(Locale.ROOT, Math.abs(share) < 0.0995 ? "%.1f %% %s MACs" : "%.0f %% %s MACs",
                Math.abs(100 * share), share < 0 ? "more" : "fewer");
    }
}
