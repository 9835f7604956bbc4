package dev.sglp.similarity;

import dev.sglp.fault.UsageException;
import dev.sglp.model.Layout;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/// What a layer says of an example: the row that is compared.
public enum Representation {
    /// Its whole output.
    FLAT,
    /// Its output's average over positions.
    POOLED,
    /// Of tokens, each an example: its vector divided by its root mean square. The few massive activations of a text's first
    /// tokens would drown everything else, and a pre-norm layer sees no more than this.
    RMS,
    /// Of tokens, each an example: its vector as it is.
    RAW,
    /// Of tokens, a window an example: the mean of their vectors.
    MEAN;

    private static final double LEAST_SQUARE = 1e-30;

    /// Whether an example is a token.
    public boolean tokens() {
        return this == RMS || this == RAW;
    }

    /// Whether it says something of outputs of this layout.
    public boolean fits(Layout layout) {
        return layout.tokens() == (tokens() || this == MEAN);
    }

    /// All that fit, the usual one first.
    public static List<Representation> of(Layout layout) {
        return Arrays.stream(values()).filter(r -> r.fits(layout)).toList();
    }

    /// What is taken where nobody says otherwise.
    public static Representation usual(Layout layout) {
        return of(layout).getFirst();
    }

    /// @throws UsageException naming the flag, where it does not fit
    public Representation checked(Layout layout) {
        if (!fits(layout)) {
            throw new UsageException("--representation %s is not for this network; expected %s".formatted(
                    word(), of(layout).stream().map(Representation::word).collect(Collectors.joining(" or "))));
        }
        return this;
    }

    private String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /// One row an example, float32 or as the output is, `[n, d]`. The order of features does not matter.
    ///
    /// @param padding `[B, T]`, true where there is no token
    /// @param chosen  of tokens, the places among all `B · T` of those that are examples; else those of the items
    Tensor rows(Layout layout, Tensor output, Optional<Tensor> padding, Tensor chosen) {
        return switch (this) {
            case FLAT -> layout.flat(output).index_select(0, chosen);
            case POOLED, MEAN -> layout.pooled(output, padding).index_select(0, chosen);
            case RAW -> layout.positions(output).index_select(0, chosen).to(ScalarType.Float);
            case RMS -> normalised(layout.positions(output).index_select(0, chosen).to(ScalarType.Float));
        };
    }

    private static Tensor normalised(Tensor rows) { // [n, D]
        var squares = rows.mul(rows).mean(new long[]{1}, true, new ScalarTypeOptional());
        return rows.mul(squares.clamp_min_(new Scalar(LEAST_SQUARE)).rsqrt_());
    }
}
