package dev.sglp;

import dev.sglp.data.DataRoles;
import dev.sglp.evaluation.Evaluation;
import dev.sglp.evaluation.Evaluator;
import dev.sglp.evaluation.Latencies;
import dev.sglp.evaluation.Readout;
import dev.sglp.evaluation.latency.WritingSpeed;
import dev.sglp.model.LayerSet;
import dev.sglp.model.LayeredModel;
import dev.sglp.pruning.RepairSummary;
import dev.sglp.repair.NoRepair;
import dev.sglp.repair.dense.DenseSums;
import dev.sglp.training.NoHealing;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What comes after the choice: the layers go, the rest is repaired, healed, rounded as it is written, and measured after each.
///
/// @param dense     the whole network
/// @param layers    those that go
/// @param around    what stands around the run
/// @param evaluator on the report data
/// @param sums      has what the dense network made of the repair's data before; closed when nobody needs it any more
record Removal(LayeredModel dense, LayerSet layers, DataRoles data, Recipe recipe, Sglp.Around around,
        Evaluator evaluator, DenseSums sums) {

    /// @param network  repaired; rounded too where nothing is healed
    /// @param plain    right after the removal
    /// @param repaired after the repair; the same as `plain` where there was none
    private record Cut(LayeredModel network, @Nullable RepairSummary repair, Evaluation plain, Evaluation repaired) {}

    /// @param before    the dense network
    /// @param reference what it says of the report data
    Outcome outcome(Analysis analysis, Evaluation before, Readout reference, Stopwatch clock) {
        boolean heals = !(recipe.healing() instanceof NoHealing);
        reached("dense", dense, clock);
        var cut = cut(reference, heals, clock);
        var training = clock.time("heal",
                () -> recipe.healing().heal(cut.network, data, recipe.compute().batchSize(), around.progress()));
        var pruned = heals ? rounded(cut.network, clock) : cut.network;
        if (heals) {
            reached("healed", pruned, clock);
        }
        var after = heals
                ? clock.time("evaluate healed", () -> evaluator.compare(pruned, reference, around.progress()))
                : cut.repaired;
        return timed(new Outcome(analysis, pruned, before, cut.plain, cut.repaired, after, cut.repair, training,
                clock.seconds()), clock);
    }

    private Cut cut(Readout reference, boolean heals, Stopwatch clock) {
        var less = dense.without(layers);
        if (recipe.repair() instanceof NoRepair || layers.size() == 0) {
            var written = heals ? less : rounded(less, clock);
            if (layers.size() > 0) {
                reached("pruned", written, clock);
            } else if (!heals) {
                reached("written", written, clock);
            }
            var plain = clock.time("evaluate removal",
                    () -> evaluator.compare(written, reference, around.progress()));
            return new Cut(written, null, plain, plain);
        }
        reached("pruned", less, clock);
        var mended = clock.time("repair",
                () -> new Mending(dense, layers, data, Mending.How.of(recipe, sums)).with(around.writing(),
                        around.notebook(), around.progress()));
        sums.close();
        try (var repaired = mended.repaired()) {
            var network = around.writing().taken(repaired, layers);
            var written = heals ? network : rounded(network, clock);
            reached("repaired", written, clock);
            var both = clock.time("evaluate removal", // by the head of the first, which is the one that is written
                    () -> evaluator.compare(List.of(written, less), reference, around.progress()));
            return new Cut(written, mended.summary(), both.getLast(), both.getFirst());
        }
    }

    private void reached(String state, LayeredModel network, Stopwatch clock) {
        if (around.stages() != Sglp.Stages.NOBODY) {
            clock.time("samples", () -> around.stages().reached(state, network));
        }
    }

    private LayeredModel rounded(LayeredModel network, Stopwatch clock) {
        return clock.time("round", () -> around.writing().rounded(network, layers));
    }

    private Outcome timed(Outcome outcome, Stopwatch clock) {
        var budget = recipe.compute().latency();
        if (!budget.times()) {
            return outcome;
        }
        double seconds = budget.after(clock.total(), 0);
        var both = List.of(dense, outcome.pruned());
        var times = clock.time("latency", () -> WritingSpeed
                .beside(Latencies.of(both, data.report(), seconds, around.progress()), both, data.report()));
        return outcome.timed(times.getFirst(), times.getLast(), clock.seconds());
    }
}
