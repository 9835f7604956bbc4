package dev.sglp.method.control;

import dev.sglp.importance.CandidateSearch.ScoredSet;
import dev.sglp.importance.Criterion;
import dev.sglp.importance.Criterion.Score;
import dev.sglp.method.Choice;
import dev.sglp.method.Method;
import dev.sglp.method.PlanningTask;
import dev.sglp.model.LayerSet;
import dev.sglp.progress.Progress;
import dev.sglp.pruning.PruningPlan.Candidates;
import dev.sglp.pruning.PruningPlan.ForwardEquivalents;

/// The last layers that may go: a control that looks at nothing (arXiv 2411.15558 finds it hard to beat once the network is
/// trained again).
public record Tail() implements Method {
    @Override
    public String name() {
        return "tail";
    }

    @Override
    public String source() {
        return "a control; arXiv 2411.15558";
    }

    @Override
    public Criterion criterion(Criterion asked) {
        return Criterion.of("none", _ -> 0);
    }

    @Override
    public Choice choose(PlanningTask task, Progress progress) {
        var layers = task.open();
        var removed = new LayerSet(layers.subList(layers.size() - task.remove(), layers.size()));
        var singles = layers.stream().map(i -> new ScoredSet(LayerSet.of(i), Score.of(-i))).toList();
        return Choice.of(task, removed, singles, new Candidates(0, 1, "none", new ForwardEquivalents(0, 0, 0)));
    }
}
