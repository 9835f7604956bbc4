package dev.sglp.method;

import dev.sglp.importance.LossWhenAbsent;
import dev.sglp.importance.ScoringTask;
import dev.sglp.importance.ScoringTask.Calibration;
import dev.sglp.model.LayerSet;
import dev.sglp.model.work.Meter;
import dev.sglp.progress.Progress;
import java.util.List;

/// The best plans run once on the verification data: other examples than the choice was made on, and more of them.
final class Finals {
    private Finals() {}

    /// Whether there is anything to compare, and anything to compare it on.
    static boolean held(PlanningTask task) {
        return task.limits().verify() > 0 && task.verification().data().size() > 0 && task.remove() > 0;
    }

    /// The mean loss of each plan, in their order.
    ///
    /// @param work told what is computed
    static double[] losses(PlanningTask task, List<LayerSet> plans, Meter work, Progress progress) {
        var items = task.verification().data();
        var data = new Calibration(items, task.calibration().batchSize(), task.calibration().seed());
        try (var step = progress.step("verifying the best plans on %d other examples".formatted(items.size()),
                plans.size(), "plans")) {
            return new LossWhenAbsent(task.verification().pass())
                    .losses(new ScoringTask(task.model(), task.whole(), plans, data, step).counted(work));
        }
    }
}
