package dev.sglp.evaluation;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/// Between which values a perplexity lies, 95 %, for other text of the same kind. One token depends on its neighbours and one
/// window on the next, so the spread is taken between blocks of consecutive windows (batch means): with `Lᵢ` nats over `nᵢ` tokens
/// of block i of B, and loss r = ΣLᵢ / Σnᵢ, the standard error of r is `√(B/(B−1) · Σ(Lᵢ − r·nᵢ)²) / Σnᵢ`, and the interval
/// `exp(r ± t · standard error)` with Student's t of B − 1 degrees of freedom.
///
/// @param low       perplexity
/// @param high      perplexity
/// @param lossError standard error of the mean loss, nats
/// @param blocks    how many: every window is one, up to 20, since neighbours are alike over thousands of tokens (`docs/LOG.md`)
/// @param method    how it was found, in words
public record PerplexityInterval(double low, double high, @JsonProperty("loss_stderr") double lossError, int blocks,
        String method) {
    private static final int MOST_BLOCKS = 20;
    private static final double Z = 1.959964; // of the normal distribution, 95 %
    private static final double[] T = {12.706205, 4.302653, 3.182446, 2.776445, 2.570582, 2.446912, 2.364624, 2.306004,
            2.262157, 2.228139}; // of 1 to 10 degrees of freedom

    /// What was lost on one window.
    ///
    /// @param index  its place in the text
    /// @param tokens predicted ones
    /// @param loss   summed over them, nats
    record Window(int index, int tokens, double loss) {
        Window plus(Window same) {
            return new Window(index, tokens + same.tokens, loss + same.loss);
        }
    }

    /// Empty where there are fewer than two windows.
    ///
    /// @param windows in the order of the text
    static Optional<PerplexityInterval> of(List<Window> windows) {
        int each = Math.ceilDiv(windows.size(), MOST_BLOCKS);
        int count = each == 0 ? 0 : Math.ceilDiv(windows.size(), each);
        if (count < 2) {
            return Optional.empty();
        }
        var blocks = IntStream.range(0, count)
                .mapToObj(b -> windows.subList(b * each, Math.min(windows.size(), (b + 1) * each)).stream()
                        .reduce(Window::plus).orElseThrow())
                .toList();
        double tokens = blocks.stream().mapToDouble(Window::tokens).sum();
        double loss = blocks.stream().mapToDouble(Window::loss).sum() / tokens;
        double squares = blocks.stream().mapToDouble(b -> Math.pow(b.loss - loss * b.tokens, 2)).sum();
        double error = Math.sqrt(squares * count / (count - 1)) / tokens;
        double half = student(count - 1) * error;
        return Optional.of(new PerplexityInterval(Math.exp(loss - half), Math.exp(loss + half), error, count,
                each == 1
                        ? "spread between the windows, Student's t"
                        : "spread between blocks of %d consecutive windows, Student's t".formatted(each)));
    }

    /// The 97.5 % quantile of Student's t: a table, then Cornish and Fisher's expansion around the normal distribution's.
    static double student(int freedom) {
        if (freedom <= T.length) {
            return T[freedom - 1];
        }
        double square = Z * Z;
        return Z * (1 + (square + 1) / (4 * freedom) + ((5 * square + 16) * square + 3) / (96 * Math.pow(freedom, 2))
                + (((3 * square + 19) * square + 17) * square - 15) / (384 * Math.pow(freedom, 3)));
    }
}
