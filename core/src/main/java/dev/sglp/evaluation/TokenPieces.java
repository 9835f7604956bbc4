package dev.sglp.evaluation;

import dev.sglp.data.Batch;
import dev.sglp.data.Dataset;
import dev.sglp.model.LinearHead;
import dev.sglp.model.Pass;
import dev.sglp.progress.Progress;
import dev.sglp.tensor.Autograd;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Threads;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;

/// How a text is worked off: some thousand tokens at a time, side by side, and of those the logits of some hundred.
///
/// @param data windows of text
/// @param size windows of a piece
record TokenPieces(Dataset data, int size) {
    private static final long TOKENS = 2048; // a forward pass

    static TokenPieces of(Dataset data) {
        try (var _ = Scope.open()) {
            return new TokenPieces(data, (int) Math.max(1, TOKENS / data.batch(0, 1).inputs().size(1)));
        }
    }

    /// What is done with a piece; runs without recording, in a scope of its own.
    @FunctionalInterface
    interface Work<T> {
        T of(int piece, Batch batch);
    }

    /// The results in the order of the pieces.
    ///
    /// @param what it is, as people say it
    <T> List<T> each(String what, Progress progress, Work<T> work) {
        int count = Math.ceilDiv(data.size(), size);
        var results = new ArrayList<T>(Collections.nCopies(count, null));
        try (var step = progress.step(what, data.size(), "windows")) {
            Threads.each(count, piece -> {
                int from = piece * size;
                int to = Math.min(data.size(), from + size);
                results.set(piece, Autograd.recording(false, () -> {
                    try (var _ = Scope.open()) {
                        return work.of(piece, data.batch(from, to));
                    }
                }));
                step.advance(to - from);
            });
        }
        return List.copyOf(results);
    }

    /// The rows that have a target.
    ///
    /// @param at     their places among all of the batch, `[n]`
    /// @param wanted the tokens that are wanted there, `[n]`
    record Targets(Tensor at, Tensor wanted) {
        static Targets of(Batch batch) {
            var at = LinearHead.targeted(batch.targets());
            return new Targets(at, batch.targets().reshape(-1).index_select(0, at));
        }

        /// Of the last layer's output `[B, T, D]` what the head's matrix is multiplied with: `[n, D]`.
        Tensor states(Tensor h, LinearHead head) {
            return head.prepare().forward(h.reshape(-1, h.size(-1)).index_select(0, at), Pass.evaluation());
        }
    }

    /// Where pieces of some hundred rows begin and how long they are. Several tensors of logits exist at a time: half as many
    /// as elsewhere.
    record Stretch(long from, long length) {
        static List<Stretch> of(long rows, LinearHead head) {
            long most = Math.max(1, head.rowsAtATime() / 2);
            return IntStream.range(0, Math.toIntExact(Math.ceilDiv(rows, most)))
                    .mapToObj(i -> new Stretch(i * most, Math.min(most, rows - i * most))).toList();
        }

        Tensor in(Tensor rows) {
            return rows.narrow(0, from, length);
        }
    }
}
