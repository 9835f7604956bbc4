package dev.sglp.evaluation;

import dev.sglp.data.Batch;
import dev.sglp.data.Dataset;
import dev.sglp.evaluation.Evaluation.Fidelity;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.LinearHead;
import dev.sglp.model.Pass;
import dev.sglp.model.Tap;
import dev.sglp.progress.Progress;
import dev.sglp.tensor.Autograd;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Tensors;
import dev.sglp.tensor.Threads;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/// What a language model says of the next token, everywhere in a text. Logits are never kept: what the head's matrix is
/// multiplied with is, from which any of them is found again.
public final class TokenPredictions implements Readout {
    private static final long TOKENS = 2048; // a forward pass

    private final LinearHead head;
    private final List<Piece> pieces;
    private final @Nullable TokenPredictions dense;

    private TokenPredictions(LinearHead head, List<Piece> pieces, @Nullable TokenPredictions dense) {
        this.head = head;
        this.pieces = pieces;
        this.dense = dense;
    }

    /// What is said of some windows. It owns its tensors.
    ///
    /// @param states what the head's matrix is multiplied with where there is a target, `[n, D]`
    /// @param best   the most likely token after each of them, `[n]`
    private record Piece(Tensor states, Tensor best, Sums sums) {}

    /// Running sums over the tokens of a piece.
    private static final class Sums {
        private double loss;
        private double divergence;
        private int first;
        private int five;
    }

    /// Runs the network over the whole data set.
    public static TokenPredictions of(LayeredModel model, Dataset data, Progress progress) {
        return of(model, data, null, progress);
    }

    /// Runs it beside what the dense network said of the same data: each logit is made once for both.
    public static TokenPredictions beside(TokenPredictions dense, LayeredModel model, Dataset data,
            Progress progress) {
        return of(model, data, dense, progress);
    }

    private static TokenPredictions of(LayeredModel model, Dataset data, @Nullable TokenPredictions dense,
            Progress progress) {
        if (!(model.head() instanceof LinearHead head)) {
            throw new IllegalArgumentException(
                    "a network of family %s has no head over tokens".formatted(model.family()));
        }
        int size = batchSize(data);
        var pieces = new Piece[Math.ceilDiv(data.size(), size)];
        int lanes = Math.clamp(pieces.length, 1, Threads.lanes());
        try (var step = progress.step("predicting %d windows".formatted(data.size()), data.size(), "windows")) {
            Threads.sideBySide(lanes, lane -> {
                for (int i = lane; i < pieces.length; i += lanes) {
                    int from = i * size;
                    int to = Math.min(data.size(), from + size);
                    int place = i;
                    pieces[i] = Autograd.recording(false, () -> piece(model, data.batch(from, to),
                            new Walk(head, dense == null ? null : dense.rows(place))));
                    step.advance(to - from);
                }
            });
        }
        return new TokenPredictions(head, List.of(pieces), dense);
    }

    /// As many windows as hold some thousand tokens.
    private static int batchSize(Dataset data) {
        try (var _ = Scope.open()) {
            return (int) Math.max(1, TOKENS / data.batch(0, 1).inputs().size(1));
        }
    }

    private static Piece piece(LayeredModel model, Batch batch, Walk walk) {
        try (var _ = Scope.open()) {
            var at = LinearHead.targeted(batch.targets());
            var states = Scope.yield(() -> {
                var h = model.body(batch.inputs(), Pass.evaluation(), Tap.NONE);
                var rows = h.reshape(-1, h.size(-1)).index_select(0, at);
                return walk.head.prepare().forward(rows, Pass.evaluation());
            });
            var sums = new Sums();
            var best = walk.over(states, batch.targets().reshape(-1).index_select(0, at), sums);
            return new Piece(Scope.own(states), Scope.own(best), sums);
        }
    }

    /// Rows of which the logits can be made.
    ///
    /// @param states `[n, D]`
    private record Rows(LinearHead head, Tensor states) {
        Tensor logits(long from, long length) { // [c, V], float32
            return states.narrow(0, from, length).mm(head.matrix().t()).to(ScalarType.Float);
        }
    }

    private Rows rows(int piece) {
        return new Rows(head, pieces.get(piece).states);
    }

    /// From states to sums, some logits at a time.
    ///
    /// @param dense what the dense network says of the same tokens; none where nobody asks
    private record Walk(LinearHead head, @Nullable Rows dense) {
        /// Several tensors of logits exist at a time here: less of each.
        private long rowsAtATime() {
            return Math.max(1, head.rowsAtATime() / 2);
        }

        /// The most likely token after each row, `[n]`; adds to the sums.
        Tensor over(Tensor states, Tensor wanted, Sums sums) {
            var best = new ArrayList<Tensor>();
            for (long from = 0; from < states.size(0); from += rowsAtATime()) {
                long at = from;
                long length = Math.min(rowsAtATime(), states.size(0) - from);
                best.add(Scope.yield(() -> {
                    var logits = new Rows(head, states).logits(at, length);
                    var own = logits.gather(1, wanted.narrow(0, at, length).unsqueeze(1)); // [c, 1]
                    var norm = logits.logsumexp(1); // [c]
                    sums.loss += number(norm.sub(own.squeeze(1)).to(ScalarType.Double).sum());
                    var ahead = logits.gt(own).sum(1); // equal scores count for the true token
                    sums.first += (int) number(ahead.lt(new Scalar(1.0)).sum());
                    sums.five += (int) number(ahead.lt(new Scalar(5.0)).sum());
                    var likely = logits.argmax(new LongOptional(1), false);
                    if (dense != null) {
                        sums.divergence += divergence(dense.logits(at, length), logits.sub_(norm.unsqueeze(1)));
                    }
                    return likely;
                }));
            }
            return torch.cat(new TensorVector(best.toArray(Tensor[]::new)), 0);
        }
    }

    /// The sum of KL(p ‖ q) over some tokens.
    ///
    /// @param logits of p, `[c, V]`
    /// @param q      log-probabilities, `[c, V]`; they are overwritten
    private static double divergence(Tensor logits, Tensor q) {
        var p = torch.log_softmax(logits, 1);
        var apart = q.neg_().add_(p);
        return number(p.exp_().mul_(apart).sum(1).to(ScalarType.Double).sum());
    }

    private static double number(Tensor scalar) {
        return Tensors.toDoubles(scalar)[0];
    }

    private double sum(ToDoubleFunction<Sums> of) {
        return pieces.stream().map(Piece::sums).mapToDouble(of).sum();
    }

    @Override
    public int size() {
        return pieces.stream().mapToInt(piece -> Math.toIntExact(piece.best.numel())).sum();
    }

    @Override
    public int right(int k) {
        return switch (k) {
            case 1 -> (int) sum(s -> s.first);
            case 5 -> (int) sum(s -> s.five);
            default -> throw new IllegalArgumentException("right answers are counted among the first 1 or 5, not " + k);
        };
    }

    @Override
    public double loss() {
        return sum(s -> s.loss) / size();
    }

    @Override
    public Optional<Double> perplexity() {
        return Optional.of(Math.exp(loss()));
    }

    @Override
    public Fidelity fidelityTo(Readout other) {
        if (!(other instanceof TokenPredictions known) || known != dense) {
            throw new IllegalArgumentException("these predictions were not made beside the other network's");
        }
        double same = 0;
        for (int i = 0; i < pieces.size(); i++) {
            try (var _ = Scope.open()) {
                same += number(pieces.get(i).best.eq(known.pieces.get(i).best).to(ScalarType.Double).sum());
            }
        }
        return new Fidelity(Math.max(0, sum(s -> s.divergence) / size()), same / size());
    }

    @Override
    public void close() {
        pieces.forEach(piece -> {
            Scope.free(piece.states);
            Scope.free(piece.best);
        });
    }
}
