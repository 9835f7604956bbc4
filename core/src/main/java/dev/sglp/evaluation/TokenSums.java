package dev.sglp.evaluation;

import dev.sglp.evaluation.Evaluation.Fidelity;
import dev.sglp.tensor.Tensors;
import java.util.Collection;
import java.util.Optional;
import org.bytedeco.pytorch.Scalar;
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
record TokenSums(int size, int first, int five, double lossSum, double divergence, int same) implements Readout {
    static final TokenSums NONE = new TokenSums(0, 0, 0, 0, 0, 0);

    /// @param logits `[c, V]`, float32
    /// @param norm   their logarithms of summed exponentials, `[c]`
    /// @param wanted the true tokens, `[c]`
    static TokenSums of(Tensor logits, Tensor norm, Tensor wanted) {
        var own = logits.gather(1, wanted.unsqueeze(1)); // [c, 1]
        var ahead = logits.gt(own).sum(1); // equal scores count for the true token
        var real = own.eq(own).squeeze(1); // what is not a number is never right
        return new TokenSums(Math.toIntExact(wanted.numel()),
                (int) number(ahead.lt(new Scalar(1.0)).logical_and(real).sum()),
                (int) number(ahead.lt(new Scalar(5.0)).logical_and(real).sum()),
                number(norm.sub(own.squeeze(1)).to(ScalarType.Double).sum()), 0, 0);
    }

    /// Of the same tokens, compared with the dense network.
    TokenSums compared(double divergence, int same) {
        return new TokenSums(size, first, five, lossSum, divergence, same);
    }

    TokenSums plus(TokenSums other) {
        return new TokenSums(size + other.size, first + other.first, five + other.five, lossSum + other.lossSum,
                divergence + other.divergence, same + other.same);
    }

    static TokenSums sum(Collection<TokenSums> all) {
        return all.stream().reduce(NONE, TokenSums::plus);
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

    /// It holds nothing.
    @Override
    public void close() {}
}
