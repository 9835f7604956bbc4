package dev.sglp.method;

import dev.sglp.progress.Progress;

/// Makes the choice which layers go: from the calibration data, a target and a criterion.
public interface Method {
    /// Its name on the command line and in reports.
    String name();

    /// The paper it comes from.
    String source();

    Choice choose(PlanningTask task, Progress progress);
}
