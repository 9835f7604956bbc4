package dev.sglp.method;

import dev.sglp.importance.Criterion;
import dev.sglp.importance.ScoringTask;
import dev.sglp.model.LayerSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The loss or the divergence, for several searches on the same calibration data: unlike other scores it depends on nothing but the set, neither on
/// its segment nor on the other candidates, so that no set is run twice.
final class RememberedScores implements Criterion {
    private final Criterion asked;
    private final Map<LayerSet, Score> known = new HashMap<>();

    /// By the task's criterion where it is the same.
    RememberedScores(PlanningTask task, Criterion criterion) {
        asked = task.criterion().name().equals(criterion.name()) ? task.criterion() : task.memory().apply(criterion);
    }

    @Override
    public String name() {
        return asked.name();
    }

    @Override
    public String source() {
        return asked.source();
    }

    @Override
    public List<Score> scores(ScoringTask task) {
        var fresh = task.candidates().stream().filter(set -> !known.containsKey(set)).toList();
        task.progress().advance(task.candidates().size() - fresh.size());
        if (!fresh.isEmpty()) {
            var found = asked.scores(task.of(fresh));
            for (int i = 0; i < fresh.size(); i++) {
                known.put(fresh.get(i), found.get(i));
            }
        }
        return task.candidates().stream().map(known::get).toList();
    }
}
