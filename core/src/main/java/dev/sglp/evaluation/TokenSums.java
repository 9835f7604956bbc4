package dev.sglp.evaluation;

import dev.sglp.evaluation.Evaluation.Fidelity;
import dev.sglp.evaluation.PerplexityInterval.Window;
import dev.sglp.evaluation.TokenPieces.Targets;
import dev.sglp.tensor.Tensors;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/// What is counted over predicted tokens, in plain numbers.
///
/// @param size       tokens
/// @param first      of them the true one was the most likely
/// @param five       of them the true one was among the five most likely
/// @param lossSum    cross-entropy in nats
/// @param divergence KL(dense ‖ this) in nats; 0 where no dense network was asked
/// @param same       tokens whose most likely one is the dense network's
/// @param windows    the loss of each window, in the order of the text
record TokenSums(int size, int first, int five, double lossSum, double divergence, int same,
        List<Window> windows) implements Readout {
    private static final long[] COLUMNS = {1};
    private static final ScalarTypeOptional INTEGERS = new ScalarTypeOptional(ScalarType.Int); // half as many bytes as libtorch's own

    static final TokenSums NONE = new TokenSums(0, 0, 0, 0, 0, 0, List.of());

    /// @param logits `[c, V]`, float32
    /// @param norm   their logarithms of summed exponentials, `[c]`
    /// @param targets the true tokens `[c]`, and the windows they stand in
    static TokenSums of(Tensor logits, Tensor norm, Targets targets) {
        var wanted = targets.wanted();
        var own = logits.gather(1, wanted.unsqueeze(1)); // [c, 1]
        var ahead = logits.gt(own).sum(COLUMNS, false, INTEGERS); // equal scores count for the true token
        var real = own.eq(own).squeeze(1); // what is not a number is never right
        var losses = norm.sub(own.squeeze(1)).to(ScalarType.Double); // [c]
        return new TokenSums(Math.toIntExact(wanted.numel()),
                (int) number(ahead.lt(new Scalar(1.0)).logical_and(real).sum()),
                (int) number(ahead.lt(new Scalar(5.0)).logical_and(real).sum()), number(losses.sum()), 0, 0,
                windows(Tensors.toDoubles(losses), targets.windows()));
    }

    /// @param at the window of each token, ascending
    private static List<Window> windows(double[] losses, int[] at) {
        var windows = new ArrayList<Window>();
        for (int i = 0; i < losses.length; i++) {
            add(windows, new Window(at[i], 1, losses[i]));
        }
        return windows;
    }

    /// A window may come in parts, one after the other.
    private static void add(List<Window> windows, Window next) {
        if (!windows.isEmpty() && windows.getLast().index() == next.index()) {
            windows.set(windows.size() - 1, windows.getLast().plus(next));
        } else {
            windows.add(next);
        }
    }

    /// Of the same tokens, compared with the dense network.
    TokenSums compared(double divergence, int same) {
        return new TokenSums(size, first, five, lossSum, divergence, same, windows);
    }

    TokenSums plus(TokenSums other) {
        return sum(List.of(this, other));
    }

    /// @param all in the order of the text
    static TokenSums sum(Collection<TokenSums> all) {
        var windows = new ArrayList<Window>();
        all.forEach(sums -> sums.windows.forEach(window -> add(windows, window)));
        return all.stream().reduce(NONE, TokenSums::plain).with(windows);
    }

    private TokenSums plain(TokenSums other) {
        return new TokenSums(size + other.size, first + other.first, five + other.five, lossSum + other.lossSum,
                divergence + other.divergence, same + other.same, List.of());
    }

    private TokenSums with(List<Window> those) {
        return new TokenSums(size, first, five, lossSum, divergence, same, List.copyOf(those));
    }

    static double number(Tensor scalar) {
        return Tensors.toDoubles(scalar)[0];
    }

    Fidelity fidelity() {
        return new Fidelity(Math.max(0, divergence / size), (double) same / size);
    }

    @Override
    public int right(int k) {
        return switch (k) {
            case 1 -> first;
            case 5 -> five;
            default -> throw new IllegalArgumentException("right answers are counted among the first 1 or 5, not " + k);
        };
    }

    @Override
    public double loss() {
        return lossSum / size;
    }

    @Override
    public Optional<Double> perplexity() {
        return Optional.of(Math.exp(loss()));
    }

    @Override
    public Optional<PerplexityInterval> interval() {
        return PerplexityInterval.of(windows);
    }

    /// It holds nothing.
    @Override
    public void close() {}
}
