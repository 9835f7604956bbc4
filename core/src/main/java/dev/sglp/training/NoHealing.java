package dev.sglp.training;

import dev.sglp.data.DataRoles;
import dev.sglp.model.LayeredModel;
import dev.sglp.progress.Progress;

/// Leaves the network as the removal made it.
public record NoHealing() implements Healing {
    @Override
    public String name() {
        return "none";
    }

    @Override
    public TrainingRecord heal(LayeredModel pruned, DataRoles data, int batchSize, Progress progress) {
        return TrainingRecord.none();
    }
}
