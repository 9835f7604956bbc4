package dev.sglp.repair;

import dev.sglp.progress.Progress;

/// Mends in closed form what a removal leaves: the layer behind a gap was trained on another stream than it gets.
public interface Repair {
    /// Its name on the command line and in reports, for instance `refit`.
    String name();

    /// The paper it comes from.
    String source();

    /// The smaller network with other tensors in the same places; configuration and shapes stay.
    Repaired repair(RepairTask task, Progress progress);
}
