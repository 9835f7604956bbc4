package dev.sglp.evaluation;

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
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/// What a language model says of the next token, everywhere in a text. Logits are never kept: what the head's matrix is
/// multiplied with is (`[n, D]`), from which any of them is found again.
public final class TokenPredictions implements Readout {
    private static final long TOKENS = 2048; // a forward pass

    private final LinearHead head;
    private final Tensor states;
    private final Tensor best;
    private final @Nullable TokenPredictions dense;
    private final double lossSum;
    private final double divergenceSum;
    private final int[] right;

    private TokenPredictions(LinearHead head, Tensor states, Tensor best, Sums sums) {
        this.head = head;
        this.states = states;
        this.best = best;
        this.dense = sums.dense;
        this.lossSum = sums.loss;
        this.divergenceSum = sums.divergence;
        this.right = new int[]{sums.first, sums.five};
    }

    /// Running sums over the tokens.
    private static final class Sums {
        private final @Nullable TokenPredictions dense;
        private int tokens;
        private double loss;
        private double divergence;
        private int first;
        private int five;

        private Sums(@Nullable TokenPredictions dense) {
            this.dense = dense;
        }
    }

    /// Runs the network over the whole data set.
    public static TokenPredictions of(LayeredModel model, Dataset data, Progress progress) {
        return of(model, data, new Sums(null), progress);
    }

    /// Runs it beside what the dense network said of the same data: each logit is made once for both.
    public static TokenPredictions beside(TokenPredictions dense, LayeredModel model, Dataset data,
            Progress progress) {
        return of(model, data, new Sums(dense), progress);
    }

    private static TokenPredictions of(LayeredModel model, Dataset data, Sums sums, Progress progress) {
        if (!(model.head() instanceof LinearHead head)) {
            throw new IllegalArgumentException(
                    "a network of family %s has no head over tokens".formatted(model.family()));
        }
        return Autograd.recording(false, () -> {
            try (var _ = Scope.open();
                    var step = progress.step("predicting %d windows".formatted(data.size()), data.size(), "windows")) {
                var states = new ArrayList<Tensor>();
                var best = new ArrayList<Tensor>();
                int batchSize = batchSize(data);
                for (int from = 0; from < data.size(); from += batchSize) {
                    int start = from;
                    int to = Math.min(data.size(), from + batchSize);
                    var rows = Scope.yield(() -> states(model, head, data, start, to));
                    states.add(rows);
                    best.add(Scope.yield(() -> answers(head, rows, data.batch(start, to).targets(), sums)));
                    step.advance(to - from);
                }
                return new TokenPredictions(head, Scope.own(joined(states)), Scope.own(joined(best)), sums);
            }
        });
    }

    /// As many windows as hold some thousand tokens.
    private static int batchSize(Dataset data) {
        try (var _ = Scope.open()) {
            return (int) Math.max(1, TOKENS / data.batch(0, 1).inputs().size(1));
        }
    }

    private static Tensor joined(List<Tensor> parts) {
        return torch.cat(new TensorVector(parts.toArray(Tensor[]::new)), 0);
    }

    /// What the head's matrix is multiplied with, where there is a target: `[n, D]`.
    private static Tensor states(LayeredModel model, LinearHead head, Dataset data, int from, int to) {
        var batch = data.batch(from, to);
        var h = model.body(batch.inputs(), Pass.evaluation(), Tap.NONE);
        var rows = h.reshape(-1, h.size(-1)).index_select(0, LinearHead.targeted(batch.targets()));
        return head.prepare().forward(rows, Pass.evaluation());
    }

    /// The most likely token after each row, `[n]`; adds to the sums.
    private static Tensor answers(LinearHead head, Tensor rows, Tensor targets, Sums sums) {
        var wanted = targets.reshape(-1).index_select(0, LinearHead.targeted(targets));
        var best = new ArrayList<Tensor>();
        for (long from = 0; from < rows.size(0); from += rowsAtATime(head)) {
            long at = from;
            long length = Math.min(rowsAtATime(head), rows.size(0) - from);
            best.add(Scope.yield(() -> {
                var logits = logits(head, rows.narrow(0, at, length));
                var own = logits.gather(1, wanted.narrow(0, at, length).unsqueeze(1)); // [c, 1]
                var norm = logits.logsumexp(1); // [c]
                sums.loss += number(norm.sub(own.squeeze(1)).to(ScalarType.Double).sum());
                var ahead = logits.gt(own).sum(1); // equal scores count for the true token
                sums.first += (int) number(ahead.lt(new Scalar(1.0)).sum());
                sums.five += (int) number(ahead.lt(new Scalar(5.0)).sum());
                var likely = logits.argmax(new LongOptional(1), false);
                if (sums.dense != null) {
                    sums.divergence += divergence(sums.dense, sums.tokens, logits.sub_(norm.unsqueeze(1)));
                }
                sums.tokens += (int) length;
                return likely;
            }));
        }
        return joined(best);
    }

    private static Tensor logits(LinearHead head, Tensor rows) { // [c, V], float32
        return rows.mm(head.matrix().t()).to(ScalarType.Float);
    }

    /// Several tensors of logits exist at a time here: less of each.
    private static long rowsAtATime(LinearHead head) {
        return Math.max(1, head.rowsAtATime() / 2);
    }

    private static double number(Tensor scalar) {
        return Tensors.toDoubles(scalar)[0];
    }

    @Override
    public int size() {
        return Math.toIntExact(best.numel());
    }

    @Override
    public int right(int k) {
        return switch (k) {
            case 1 -> right[0];
            case 5 -> right[1];
            default -> throw new IllegalArgumentException("right answers are counted among the first 1 or 5, not " + k);
        };
    }

    @Override
    public double loss() {
        return lossSum / size();
    }

    @Override
    public Optional<Double> perplexity() {
        return Optional.of(Math.exp(loss()));
    }

    @Override
    public Fidelity fidelityTo(Readout other) {
        if (!(other instanceof TokenPredictions dense) || dense != this.dense) {
            throw new IllegalArgumentException("these predictions were not made beside the other network's");
        }
        return Autograd.recording(false, () -> {
            try (var _ = Scope.open()) {
                double same = number(best.eq(dense.best).to(ScalarType.Double).sum());
                return new Fidelity(Math.max(0, divergenceSum / size()), same / size());
            }
        });
    }

    /// The sum of KL(dense ‖ this) over some tokens; takes the log-probabilities, `[c, V]`, apart.
    private static double divergence(TokenPredictions dense, long from, Tensor q) {
        var p = Scope.yield(
                () -> torch.log_softmax(logits(dense.head, dense.states.narrow(0, from, q.size(0))), 1));
        var apart = q.neg_().add_(p);
        return number(p.exp_().mul_(apart).sum(1).to(ScalarType.Double).sum());
    }

    @Override
    public void close() {
        Scope.free(states);
        Scope.free(best);
    }
}
