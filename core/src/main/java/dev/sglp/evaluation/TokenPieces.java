package dev.sglp.evaluation;

import dev.sglp.data.Batch;
import dev.sglp.data.Dataset;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.LinearHead;
import dev.sglp.model.Pass;
import dev.sglp.model.wave.Wave;
import dev.sglp.progress.Progress;
import dev.sglp.tensor.Autograd;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Tensors;
import dev.sglp.tensor.Threads;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;

/// How a text is worked off: some thousand tokens at a time, side by side, and of those the logits of some hundred.
///
/// @param data   windows of text
/// @param starts where pieces begin among the windows, and at the end where the last one ends
public record TokenPieces(Dataset data, int[] starts) {
    private static final long TOKENS = 2048; // a forward pass, those of the padding too

    /// As many windows a piece as fit where each is as wide as the widest of them, at least one.
    static TokenPieces of(Dataset data) {
        long[] widths = widths(data);
        var starts = IntStream.builder();
        int from = 0;
        long widest = 0;
        for (int i = 0; i < widths.length; i++) {
            widest = Math.max(widest, widths[i]);
            if (i == 0 || (i + 1 - from) * widest > TOKENS) {
                starts.add(i);
                from = i;
                widest = widths[i];
            }
        }
        return new TokenPieces(data, starts.add(widths.length).build().toArray());
    }

    /// Texts that go together where none may be padded: of one length, some thousand tokens of them.
    public static List<int[]> ofOneWidth(Dataset data) {
        long[] widths = widths(data);
        var order = IntStream.range(0, widths.length).boxed().sorted(Comparator.comparingLong(i -> widths[i])).toList();
        var groups = new ArrayList<int[]>();
        int from = 0;
        for (int to = 1; to <= order.size(); to++) {
            long width = widths[order.get(from)];
            if (to == order.size() || widths[order.get(to)] != width || (to + 1 - from) * width > TOKENS) {
                groups.add(order.subList(from, to).stream().mapToInt(i -> i).toArray());
                from = to;
            }
        }
        return groups;
    }

    /// How many tokens each window has.
    static long[] widths(Dataset data) {
        return IntStream.range(0, data.size()).mapToLong(i -> {
            try (var _ = Scope.open()) {
                return data.batch(i, i + 1).inputs().size(1);
            }
        }).toArray();
    }

    /// Which window a piece begins with.
    int first(int piece) {
        return starts[piece];
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
        int count = starts.length - 1;
        var results = new ArrayList<T>(Collections.nCopies(count, null));
        try (var step = progress.step(what, data.size(), "windows")) {
            Threads.each(count, piece -> {
                int from = starts[piece];
                int to = starts[piece + 1];
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

    /// What is done with a piece that has gone through some networks.
    @FunctionalInterface
    interface Walked<T> {
        /// @param outputs of each network's last layer
        T of(int piece, Batch batch, List<Tensor> outputs);
    }

    /// The same where networks are read from their file: as many pieces as there is room for go through each layer together.
    ///
    /// @param networks with one head
    <T> List<T> through(List<LayeredModel> networks, String what, Progress progress, Walked<T> work) {
        int count = starts.length - 1;
        var results = new ArrayList<T>(Collections.nCopies(count, null));
        try (var step = progress.step(what, data.size(), "windows")) {
            var entering = new Wave.Entering(count, piece -> batch(piece).inputs(), step::say);
            Wave.each(networks, entering, (piece, outputs) -> {
                results.set(piece, work.of(piece, batch(piece), outputs));
                step.advance(starts[piece + 1] - starts[piece]);
            });
        }
        return List.copyOf(results);
    }

    private Batch batch(int piece) {
        return data.batch(starts[piece], starts[piece + 1]);
    }

    /// The rows that have a target.
    ///
    /// @param at     their places among all of the batch, `[n]`
    /// @param wanted the tokens that are wanted there, `[n]`
    /// @param windows the window of the text that each stands in, ascending, `[n]`
    record Targets(Tensor at, Tensor wanted, int[] windows) {
        /// @param first the window that the batch begins with
        static Targets of(Batch batch, int first) {
            var at = LinearHead.targeted(batch.targets());
            long width = batch.targets().size(-1);
            return new Targets(at, batch.targets().reshape(-1).index_select(0, at),
                    Arrays.stream(Tensors.toDoubles(at)).mapToInt(place -> first + (int) ((long) place / width))
                            .toArray());
        }

        /// Some of them.
        Targets in(Stretch rows) {
            return new Targets(rows.in(at), rows.in(wanted), Arrays.copyOfRange(windows, Math.toIntExact(rows.from),
                    Math.toIntExact(rows.from + rows.length)));
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
