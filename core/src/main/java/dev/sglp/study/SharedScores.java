package dev.sglp.study;

import dev.sglp.importance.Criterion;
import dev.sglp.importance.GradNorm;
import dev.sglp.importance.ScoringTask;
import dev.sglp.importance.ScoringTask.Calibration;
import dev.sglp.model.LayerSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Scores that several rows ask for, computed once. Each remembers the seconds it took, so that a row can say what it
/// would have taken alone.
final class SharedScores {
    private final Map<Key, Known> known = new HashMap<>();
    private double saved;

    private record Key(Criterion criterion, Calibration data, LayerSet layers) {}

    private record Known(Criterion.Score score, double seconds) {}

    /// The same criterion with a memory; itself where a score depends on more than the set and the data.
    Criterion of(Criterion criterion) {
        return dependsOnTheSetAlone(criterion) ? new Remembering(criterion, this) : criterion;
    }

    /// `gradnorm-skip` sums over the tensors that all candidates of a comparison keep, `--scope segment` over a segment's.
    private static boolean dependsOnTheSetAlone(Criterion criterion) {
        return !(criterion instanceof GradNorm g)
                || g.absence() == GradNorm.Absence.REINIT && g.scope() == GradNorm.Range.ALL;
    }

    /// Seconds that remembering saved since the last call.
    double saved() {
        double seconds = saved;
        saved = 0;
        return seconds;
    }

    private List<Criterion.Score> scores(Criterion criterion, ScoringTask task) {
        var keys = task.candidates().stream().map(c -> new Key(criterion, task.data(), c)).toList();
        var fresh = keys.stream().filter(k -> !known.containsKey(k)).map(Key::layers).toList();
        for (var key : keys) {
            if (known.containsKey(key)) {
                saved += known.get(key).seconds;
                task.progress().advance(1);
            }
        }
        if (!fresh.isEmpty()) {
            long start = System.nanoTime();
            var scores = criterion
                    .scores(new ScoringTask(task.model(), task.segment(), fresh, task.data(), task.progress()));
            double each = (System.nanoTime() - start) / 1e9 / fresh.size();
            for (int i = 0; i < fresh.size(); i++) {
                known.put(new Key(criterion, task.data(), fresh.get(i)), new Known(scores.get(i), each));
            }
        }
        return keys.stream().map(k -> known.get(k).score).toList();
    }

    private record Remembering(Criterion criterion, SharedScores memory) implements Criterion {
        @Override
        public String name() {
            return criterion.name();
        }

        @Override
        public String source() {
            return criterion.source();
        }

        @Override
        public List<Score> scores(ScoringTask task) {
            return memory.scores(criterion, task);
        }
    }
}
