package dev.sglp.training;

import dev.sglp.data.DataRoles;
import dev.sglp.model.LayeredModel;
import dev.sglp.progress.Progress;

/// Repairs a network after layers were removed. It changes the weights in place.
public interface Healing {
    /// Its name on the command line and in reports, for instance `bn`.
    String name();

    /// @param pruned the network after removal
    /// @param data   the roles; the report data is never touched
    void heal(LayeredModel pruned, DataRoles data, int batchSize, Progress progress);
}
