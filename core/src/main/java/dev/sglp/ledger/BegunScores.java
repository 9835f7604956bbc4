package dev.sglp.ledger;

import dev.sglp.importance.Criterion;
import dev.sglp.importance.ScoringTask;
import dev.sglp.ledger.Ledger;
import dev.sglp.model.LayerSet;
import dev.sglp.model.wave.Resume;
import dev.sglp.model.work.Meter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The scores of a question that is being answered: kept from time to time, so that little is lost where the work is stopped.
final class BegunScores implements ScoringTask.Listener {
    private static final String KIND = "begun";

    private final Ledger ledger;
    private final String question;
    private final Duration every;
    private final KeptStates states;
    private final Map<LayerSet, Criterion.Score> before = new HashMap<>();
    private final List<Scored> all = new ArrayList<>();
    private final long start = System.nanoTime();
    private double secondsBefore;
    private long kept = start;
    private @Nullable Meter work;

    BegunScores(Ledger ledger, String question, Duration every) {
        this.ledger = ledger;
        this.question = question;
        this.every = every;
        states = new KeptStates(ledger, question, every, this::write);
    }

    private record Scored(LayerSet layers, Criterion.Score score) {}

    private record Begun(List<Scored> scored, double seconds, double forwardEquivalents) {
        Begun {
            scored = List.copyOf(scored);
        }
    }

    /// Takes what a stopped run has left.
    ///
    /// @param work told what that took
    /// @return the seconds it took
    double resume(Meter work) throws IOException {
        this.work = work;
        var begun = ledger.find(KIND, question, Begun.class);
        if (begun.isPresent()) {
            all.addAll(begun.get().scored);
            all.forEach(s -> before.put(s.layers, s.score));
            secondsBefore = begun.get().seconds;
            work.add(begun.get().forwardEquivalents);
        }
        return secondsBefore;
    }

    /// Whether a stopped run scored this.
    boolean has(LayerSet set) {
        return before.containsKey(set);
    }

    /// What a stopped run found.
    Optional<Criterion.Score> found(LayerSet set) {
        return Optional.ofNullable(before.get(set));
    }

    @Override
    public synchronized void scored(LayerSet set, Criterion.Score score) {
        all.add(new Scored(set, score));
        if (System.nanoTime() - kept >= every.toNanos()) {
            keep();
        }
    }

    /// Keeps what is known now. Told by any thread.
    synchronized void keep() {
        if (work != null && all.size() > before.size()) {
            write();
        }
    }

    private synchronized void write() {
        try {
            ledger.keep(KIND, question,
                    new Begun(all, seconds(), Objects.requireNonNull(work).forwardEquivalents()));
            kept = System.nanoTime();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// What is kept of work that gives all scores at once.
    @Override
    public Resume resume() {
        return states;
    }

    /// How long the answer took up to now, in all runs together.
    double seconds() {
        return secondsBefore + (System.nanoTime() - start) / 1e9;
    }

    /// The answer is whole and kept.
    void drop() throws IOException {
        ledger.drop(KIND, question);
        states.drop();
    }
}
