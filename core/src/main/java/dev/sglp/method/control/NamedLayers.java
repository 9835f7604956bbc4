package dev.sglp.method.control;

import dev.sglp.importance.Criterion;
import dev.sglp.method.Choice;
import dev.sglp.method.Method;
import dev.sglp.method.PlanningTask;
import dev.sglp.method.control.Tail;
import dev.sglp.model.LayerSet;
import dev.sglp.progress.Progress;
import dev.sglp.pruning.PruningPlan;
import dev.sglp.pruning.PruningPlan.Candidates;
import dev.sglp.pruning.PruningPlan.ForwardEquivalents;
import java.util.List;

/// Layers that somebody has named: nothing is scored.
///
/// @param removed those that go
public record NamedLayers(LayerSet removed) implements Method {
    @Override
    public String name() {
        return PruningPlan.BY_HAND;
    }

    @Override
    public String source() {
        return "-";
    }

    @Override
    public Criterion criterion(Criterion asked) {
        return new Tail().criterion(asked);
    }

    @Override
    public Choice choose(PlanningTask task, Progress progress) {
        return Choice.of(task, removed, List.of(), new Candidates(0, 0, "none", new ForwardEquivalents(0, 0, 0)));
    }
}
