package dev.sglp.model.past;

import java.util.List;

/// Whole texts, several one behind the other in each row of a batch, none of which sees another: as if each were read alone. It owns what the
/// blocks of passes over them share; close it.
public final class Documents implements AutoCloseable {
    private final Step step;

    /// @param length columns
    /// @param starts for each row the columns at which a document begins, the first 0
    public Documents(long length, List<List<Integer>> starts) {
        step = new Step(new Places(0, Math.toIntExact(length), List.of(), starts));
    }

    /// Where their tokens stand.
    public Step step() {
        return step;
    }

    @Override
    public void close() {
        step.over();
    }
}
