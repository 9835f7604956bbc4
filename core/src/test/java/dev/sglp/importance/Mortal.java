package dev.sglp.importance;

import java.util.List;

/// A criterion that counts how often it is asked, and breaks down when it was asked so often.
public final class Mortal implements Criterion {
    private final Criterion criterion;
    private final int most;
    private int asked;

    /// @param most questions that are answered before
    public Mortal(Criterion criterion, int most) {
        this.criterion = criterion;
        this.most = most;
    }

    public int asked() {
        return asked;
    }

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
        if (asked == most) {
            throw new IllegalStateException("killed");
        }
        asked++;
        return criterion.scores(task);
    }

    /// The same to whoever remembers its scores.
    @Override
    public String toString() {
        return criterion.toString();
    }
}
