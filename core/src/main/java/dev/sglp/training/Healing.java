package dev.sglp.training;

import dev.sglp.data.DataRoles;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.Pass;
import dev.sglp.progress.Progress;

/// Repairs a network after layers were removed. It changes the weights in place.
public interface Healing {
    /// Its name on the command line and in reports, for instance `bn`.
    String name();

    /// How plans that nothing repairs are compared before healing, so that the one that is best afterwards wins: by the stored
    /// statistics unless they will be re-estimated.
    default Pass verification() {
        return Pass.evaluation();
    }

    /// @param pruned the network after removal
    /// @param data   the roles; the report data is never touched
    /// @return how the training went; without epochs where nothing was trained
    TrainingRecord heal(LayeredModel pruned, DataRoles data, int batchSize, Progress progress);
}
