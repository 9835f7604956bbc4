package dev.sglp.demo;

import dev.sglp.data.DataRoles;
import dev.sglp.evaluation.Predictions;
import dev.sglp.family.ModelFile;
import dev.sglp.model.LayerSet;
import dev.sglp.model.LayeredModel;
import dev.sglp.progress.Progress;
import dev.sglp.repair.Repair;
import dev.sglp.repair.RepairTask;
import dev.sglp.tensor.Seed;
import dev.sglp.training.Healing;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// What removing as many layers at random costs, repaired and healed in the same way: what any choice has to beat.
///
/// @param file    the dense network; its weights are read anew for each draw, since healing changes them
/// @param data    the roles
/// @param treatment what is done after each removal
/// @param seed    of the draws
public record RandomControl(ModelFile file, DataRoles data, Treatment treatment, long seed) {
    private static final int BATCH = 128;

    /// What is done after a removal.
    public record Treatment(Repair repair, Healing healing) {}

    /// One random choice.
    ///
    /// @param accuracy on the report data after healing, a fraction of 1
    public record Draw(LayerSet removed, double accuracy) {}

    /// @param remove how many layers go
    /// @param draws  how many random choices
    public List<Draw> of(int remove, int draws, Progress progress) throws IOException {
        try (var step = progress.step("removing %d layers at random".formatted(remove), draws, "draws")) {
            var all = new ArrayList<Draw>();
            for (int draw = 0; draw < draws; draw++) {
                all.add(draw(remove, draw));
                step.advance(1);
            }
            return all;
        }
    }

    private Draw draw(int remove, int draw) throws IOException {
        try (var weights = file.forTraining()) {
            var dense = file.architecture().build(weights);
            int[] layers = dense.removable().indices().stream().mapToInt(Integer::intValue).toArray();
            Seed.of(seed).draw(draw).generator("random control").shuffle(layers);
            var removed = new LayerSet(Arrays.stream(layers, 0, remove).boxed().toList());
            var task = new RepairTask(dense, removed, data.repair().fit(), BATCH);
            try (var repaired = treatment.repair.repair(task, Progress.silent());
                    var p = healed(repaired.network())) {
                return new Draw(removed, p.right(1) / (double) p.size());
            }
        }
    }

    private Predictions healed(LayeredModel pruned) {
        treatment.healing.heal(pruned, data, BATCH, Progress.silent());
        return Predictions.of(pruned, data.report(), BATCH, Progress.silent());
    }
}
