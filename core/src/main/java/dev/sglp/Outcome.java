package dev.sglp;

import dev.sglp.evaluation.Evaluation;
import dev.sglp.evaluation.Evaluation.Latency;
import dev.sglp.model.LayeredModel;
import dev.sglp.pruning.RepairSummary;
import dev.sglp.training.TrainingRecord;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/// What one run found and made.
///
/// @param analysis     what was found out before
/// @param pruned       the network without the layers: a view on the dense network's weights but for what was repaired, healed in place
/// @param before       the dense network on the report data
/// @param afterRemoval right after the removal
/// @param afterRepair  after the repair; equal to `afterRemoval` in quality where nothing was repaired
/// @param after        after healing; equal to `afterRepair` in quality where nothing was healed
/// @param repair       what was repaired; absent where nothing was to be
/// @param training     how healing by training went; without epochs where there was none
/// @param seconds      each step's
public record Outcome(Analysis analysis, LayeredModel pruned, Evaluation before, Evaluation afterRemoval,
        Evaluation afterRepair, Evaluation after, @Nullable RepairSummary repair, TrainingRecord training,
        SequencedMap<String, Double> seconds) {

    /// The same with forward passes of both networks timed.
    Outcome timed(Latency dense, Latency less, SequencedMap<String, Double> all) {
        return new Outcome(analysis, pruned, before.with(dense), afterRemoval.with(less), afterRepair.with(less),
                after.with(less), repair, training, all);
    }
}
