package dev.sglp.study;

import dev.sglp.importance.Criterion;
import dev.sglp.importance.ScoringTask;
import dev.sglp.importance.ScoringTask.Calibration;
import dev.sglp.model.LayerSet;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.work.Meter;
import dev.sglp.segmentation.Segmentation.Segment;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Questions that several rows ask, answered once. Each remembers the seconds and the work it took, so that a row can say
/// what it would have taken alone. The same sets in another company are another question: candidates share work, and some
/// scores depend on all of them.
final class SharedScores {
    private final Map<Question, Answer> known = new HashMap<>();
    private double saved;

    private record Question(Criterion criterion, Calibration data, Segment segment, List<LayerSet> candidates) {}

    private record Answer(List<Criterion.Score> scores, double seconds, double forwardEquivalents) {}

    /// The same criterion with a memory.
    Criterion of(Criterion criterion) {
        return new Remembering(criterion, this);
    }

    /// Seconds that remembering saved since the last call.
    double saved() {
        double seconds = saved;
        saved = 0;
        return seconds;
    }

    private List<Criterion.Score> scores(Criterion criterion, ScoringTask task) {
        var question = new Question(criterion, task.data(), task.segment(), task.candidates());
        var answer = known.get(question);
        if (answer == null) {
            answer = answer(criterion, task);
            known.put(question, answer);
        } else {
            saved += answer.seconds;
            task.progress().advance(task.candidates().size());
        }
        task.work().add(answer.forwardEquivalents);
        return answer.scores;
    }

    private static Answer answer(Criterion criterion, ScoringTask task) {
        var work = task.data().meter(task.model());
        long start = System.nanoTime();
        var scores = criterion.scores(new ScoringTask(task.model(), task.segment(), task.candidates(), task.data(),
                task.progress(), work));
        return new Answer(scores, (System.nanoTime() - start) / 1e9, work.forwardEquivalents());
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

        /// What shares work in a way of its own needs no memory.
        @Override
        public Criterion prepared(LayeredModel model, Calibration data, Meter work) {
            var prepared = criterion.prepared(model, data, work);
            return prepared == criterion ? this : prepared;
        }
    }
}
