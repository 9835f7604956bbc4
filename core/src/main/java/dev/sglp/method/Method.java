package dev.sglp.method;

import dev.sglp.importance.Criterion;
import dev.sglp.progress.Progress;

/// Makes the choice which layers go: from the calibration data, a target and a criterion.
public interface Method {
    /// Its name on the command line and in reports.
    String name();

    /// The paper it comes from.
    String source();

    /// Name of the criterion it scores by: the one that was asked for, unless it brings its own or needs none.
    default String criterion(Criterion asked) {
        return asked.name();
    }

    Choice choose(PlanningTask task, Progress progress);
}
