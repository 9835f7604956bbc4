package dev.sglp.ledger;

import dev.sglp.data.Dataset;
import dev.sglp.importance.Criterion;
import dev.sglp.importance.ScoringTask;
import dev.sglp.importance.ScoringTask.Calibration;
import dev.sglp.importance.precision.PrecisionChoice;
import dev.sglp.importance.precision.PrecisionChoice.Wish;
import dev.sglp.ledger.Ledger;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.wave.Resume;
import dev.sglp.model.work.Meter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Scores that were asked for once and are kept: several rows of a study share them, and a choice that was stopped goes on with them.
/// Each answer remembers the seconds and the work it took, so that a choice can say what it would have taken alone. The same sets
/// in another company are another question: candidates share work, and some scores depend on all of them. Of a question that is
/// stopped in its midst, the scores that do not are kept too.
public final class SharedScores {
    private final Ledger ledger;
    private final Duration every;
    private double saved;
    private volatile @Nullable BegunScores underWay;

    public SharedScores(Ledger ledger) {
        this(ledger, Duration.ofMinutes(1));
    }

    /// @param every how often the scores of a question that is being answered are kept
    public SharedScores(Ledger ledger, Duration every) {
        this.ledger = ledger;
        this.every = every;
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

    /// In which precision is scored on these data, as it was measured when that was asked first: a machine is not equally fast each time.
    public PrecisionChoice precision(Wish wish, Criterion criterion, Calibration data,
            Supplier<PrecisionChoice> measured) {
        if (wish != Wish.AUTO) {
            return measured.get();
        }
        try {
            return ledger.get("precision", "%s of %s; %s".formatted(wish, criterion, words(data)),
                    PrecisionChoice.class, measured::get);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// States of long work, each kept as it comes.
    public Resume states(String question) {
        return new KeptStates(ledger, question, Duration.ZERO, () -> {});
    }

    /// Seconds that remembering saved since the last call.
    public double saved() {
        double seconds = saved;
        saved = 0;
        return seconds;
    }

    /// Keeps at once what is known of the question that is being answered. Told by any thread: by one that is about to end the process.
    public void keep() {
        var begun = underWay;
        if (begun != null) {
            begun.keep();
        }
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
        return "%s; %s; %s without %s; %s; %s".formatted(criterion, words(task.data()), task.segment(), task.kept(),
                task.remainder().words(), task.candidates());
    }

    private static String words(Calibration data) {
        return "%s; batches of %d; seed %d".formatted(digest(data.examples()), data.batchSize(), data.seed());
    }

    /// What tells these items from all others.
    public static String digest(Dataset items) {
        return items.size() + " " + items.digest();
    }

    private Answer answer(Criterion criterion, ScoringTask task, String question) {
        try {
            var begun = new BegunScores(ledger, question, every);
            underWay = begun;
            var answer = ledger.get("scores", question, Answer.class, () -> answer(criterion, task, begun));
            underWay = null;
            begun.drop();
            return answer;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Answer answer(Criterion criterion, ScoringTask task, BegunScores begun) throws IOException {
        var work = task.data().meter(task.model());
        saved += begun.resume(work);
        var open = task.candidates().stream().filter(set -> !begun.has(set)).toList();
        task.progress().advance(task.candidates().size() - open.size());
        var scores = open.isEmpty()
                ? List.<Criterion.Score>of()
                : criterion.scores(task.of(open).counted(work).told(begun));
        var rest = scores.iterator();
        return new Answer(task.candidates().stream().map(set -> begun.found(set).orElseGet(rest::next)).toList(),
                begun.seconds(), work.forwardEquivalents());
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
        public boolean drawsWeights() {
            return criterion.drawsWeights();
        }

        @Override
        public boolean comparesOneSize() {
            return criterion.comparesOneSize();
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
