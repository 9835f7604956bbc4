package dev.sglp.generation;

import dev.sglp.fault.UsageException;
import dev.sglp.tensor.Device;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.SplitMix;
import dev.sglp.tensor.Tensors;
import java.util.List;
import java.util.stream.DoubleStream;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/// How the next token is chosen: the likeliest one, or one drawn by `softmax(z / temperature)` from the `topK` likeliest, and of those from
/// the fewest whose probabilities add up to `topP` (nucleus sampling, Holtzman 2020, arXiv 1904.09751); in this order, as in transformers.
///
/// @param temperature 0 for the likeliest
/// @param topK        0 for all
/// @param topP        1 for all
/// @param seed        of what is drawn
public record Sampling(double temperature, int topK, double topP, long seed) {
    /// The likeliest token.
    public static final Sampling GREEDY = new Sampling(0, 0, 1, 0);

    public Sampling {
        if (!(temperature >= 0 && Double.isFinite(temperature))) {
            throw new UsageException("--temperature is 0 (the likeliest token) or more, got " + temperature);
        }
        if (topK < 0) {
            throw new UsageException("--top-k is how many tokens are drawn from, 0 for all; got " + topK);
        }
        if (!(topP > 0 && topP <= 1)) {
            throw new UsageException("--top-p is above 0 and at most 1 (all tokens), got " + topP);
        }
    }

    /// Whether nothing is drawn.
    public boolean greedy() {
        return temperature == 0;
    }

    /// What tokens are drawn from.
    ///
    /// @param probabilities `[B, m]`, 0 for those that cannot be drawn
    /// @param tokens        `[B, m]`
    record Candidates(Tensor probabilities, Tensor tokens) {}

    /// One token for each text.
    ///
    /// @param logits `[B, V]`
    /// @param chance one for each text
    int[] next(Tensor logits, List<SplitMix> chance) {
        try (var _ = Scope.open()) {
            if (greedy()) {
                return numbers(logits.argmax(new LongOptional(1), false));
            }
            var candidates = candidates(logits);
            var sums = candidates.probabilities.cumsum(1); // [B, m]
            var drawn = Device.of(sums)
                    .doubles(chance.stream().mapToDouble(SplitMix::nextDouble).toArray(), chance.size(), 1)
                    .mul(sums.narrow(1, sums.size(1) - 1, 1)); // rounding: the last is not 1
            var places = sums.le(drawn).sum(new long[]{1}, true, new ScalarTypeOptional()); // [B, 1]
            return numbers(candidates.tokens.gather(1, places));
        }
    }

    private static int[] numbers(Tensor ids) {
        return DoubleStream.of(Tensors.toDoubles(ids)).mapToInt(id -> (int) id).toArray();
    }

    /// @param logits `[B, V]`
    Candidates candidates(Tensor logits) {
        var scaled = logits.to(ScalarType.Float).div(new Scalar(temperature));
        long vocabulary = scaled.size(1);
        if ((topK == 0 || topK >= vocabulary) && topP == 1) {
            var all = Device.of(scaled).range(vocabulary).expand(scaled.shape());
            return new Candidates(probabilities(scaled), all);
        }
        var kept = topK == 0 || topK >= vocabulary ? scaled : best(scaled);
        long most = (long) Tensors
                .toDoubles(kept.isfinite().sum(new long[]{1}, false, new ScalarTypeOptional()).max())[0];
        var ranked = torch.topk(kept, most, 1, true, true);
        return new Candidates(probabilities(topP == 1 ? ranked.get0() : nucleus(ranked.get0())), ranked.get1());
    }

    private static Tensor probabilities(Tensor logits) {
        return torch.softmax(logits.to(ScalarType.Double), 1);
    }

    /// The others become −∞; those that are equal to the last stay.
    private Tensor best(Tensor logits) {
        var last = torch.topk(logits, topK, 1, true, true).get0().narrow(1, topK - 1, 1);
        return logits.masked_fill(logits.lt(last), new Scalar(Double.NEGATIVE_INFINITY));
    }

    /// Those become −∞ that with all behind them have no more than `1 − topP`; the first stays.
    ///
    /// @param ranked the largest first
    private Tensor nucleus(Tensor ranked) { // [B, m]
        var tails = torch.softmax(ranked, 1).flip(1).cumsum(1).flip(1);
        var beyond = tails.le(new Scalar(1 - topP));
        beyond.narrow(1, 0, 1).fill_(new Scalar(0L));
        return ranked.masked_fill(beyond, new Scalar(Double.NEGATIVE_INFINITY));
    }
}
