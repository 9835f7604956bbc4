package dev.sglp.repair;

import dev.sglp.progress.Progress;

/// What stays is left as it is.
public record NoRepair() implements Repair {
    @Override
    public String name() {
        return "none";
    }

    @Override
    public String source() {
        return "-";
    }

    @Override
    public Repaired mended(RepairTask task, Progress progress) {
        return Repaired.nothing(task.dense(), task.removed());
    }
}
