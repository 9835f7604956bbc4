package dev.sglp;

import dev.sglp.data.Dataset;
import dev.sglp.importance.Criterion;
import dev.sglp.importance.ScoringTask;
import dev.sglp.importance.ScoringTask.Calibration;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.work.Meter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;

/// Scores that were asked for once and are kept: several rows of a study share them, and a choice that was stopped goes on with them.
/// Each answer remembers the seconds and the work it took, so that a choice can say what it would have taken alone. The same sets
/// in another company are another question: candidates share work, and some scores depend on all of them.
public final class SharedScores {
    private final Ledger ledger;
    private double saved;

    public SharedScores(Ledger ledger) {
        this.ledger = ledger;
    }

    private record Answer(List<Criterion.Score> scores, double seconds, double forwardEquivalents) {
        Answer {
            scores = List.copyOf(scores);
        }
    }

    /// The same criterion with a memory.
    public Criterion of(Criterion criterion) {
        return new Remembering(criterion, this);
    }

    /// Seconds that remembering saved since the last call.
    public double saved() {
        double seconds = saved;
        saved = 0;
        return seconds;
    }

    private List<Criterion.Score> scores(Criterion criterion, ScoringTask task) {
        var question = question(criterion, task);
        boolean known = ledger.has("scores", question);
        var answer = answer(criterion, task, question);
        if (known) {
            saved += answer.seconds;
            task.progress().advance(task.candidates().size());
        }
        task.work().add(answer.forwardEquivalents);
        return answer.scores;
    }

    /// Everything that the scores depend on.
    private static String question(Criterion criterion, ScoringTask task) {
        var data = task.data();
        return "%s; %s; batches of %d; seed %d; %s without %s; %s".formatted(criterion,
                digest(data.examples()), data.batchSize(), data.seed(), task.segment(), task.kept(),
                task.candidates());
    }

    /// What tells these items from all others.
    public static String digest(Dataset items) {
        return items.size() + " " + items.digest();
    }

    private Answer answer(Criterion criterion, ScoringTask task, String question) {
        try {
            return ledger.get("scores", question, Answer.class, () -> answer(criterion, task));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Answer answer(Criterion criterion, ScoringTask task) {
        var work = task.data().meter(task.model());
        long start = System.nanoTime();
        var scores = criterion.scores(task.counted(work));
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
