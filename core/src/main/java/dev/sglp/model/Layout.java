package dev.sglp.model;

import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Tensors;
import java.util.Arrays;
import java.util.Optional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/// What the output of a network's layers means: which axis holds the examples, which the positions, which the features. The model
/// says it once; nobody looks at a tensor's rank to learn it.
public enum Layout {
    /// `[B, C, H, W]`: the channels of an image at every place of a plane.
    MAPS(4),
    /// `[B, C, L]`: the channels of a signal at every moment.
    SIGNALS(3),
    /// `[B, T, D]`: a vector for every token; padding may be among them.
    TOKENS(3),
    /// `[B, T, D]`: a vector for every patch of an image, and for what stands before the patches.
    PATCHES(3),
    /// `[B, D]`: one vector an example.
    VECTORS(2);

    private final int rank;

    Layout(int rank) {
        this.rank = rank;
    }

    /// Whether a position is an example of its own: one of many tokens, not a place of one picture.
    public boolean tokens() {
        return this == TOKENS;
    }

    /// Whether layers add to one stream of vectors, which they read through norms: blocks of a transformer.
    public boolean stream() {
        return this == TOKENS || this == PATCHES;
    }

    /// One row an example, all its features beside each other; channels last where an image lies in memory so.
    public Tensor flat(Tensor output) { // [B, …] → [B, d]
        return channelsLast(output).reshape(output.size(0), -1);
    }

    /// One row an example: its features' mean over the positions.
    ///
    /// @param padding `[B, T]`, true where there is no token
    public Tensor pooled(Tensor output, Optional<Tensor> padding) { // [B, …] → [B, C]
        check(output);
        return switch (this) {
            case MAPS -> output.mean(2, 3);
            case SIGNALS -> output.mean(2);
            case VECTORS -> output;
            case PATCHES -> output.mean(1);
            case TOKENS -> padding.map(p -> meanOfReal(output, p)).orElseGet(() -> output.mean(1));
        };
    }

    private static Tensor meanOfReal(Tensor output, Tensor padding) { // [B, T, D], [B, T] → [B, D]
        var real = padding.logical_not().to(output.scalar_type()).unsqueeze(-1); // [B, T, 1]
        return output.mul(real).sum(1).div_(real.sum(1));
    }

    /// One row a position, its features beside each other: what a linear map or a convolution over one place multiplies.
    public Tensor positions(Tensor output) { // [B, …] → [n, C]
        var last = channelsLast(output);
        return last.reshape(-1, last.size(-1));
    }

    /// What is compared when a layer's input and output are: every vector of a stream, or an example's whole activation.
    public Tensor vectors(Tensor output) { // [B, T, D] → [B, T, D], else [B, …] → [B, d]
        return stream() ? check(output) : flat(output);
    }

    /// How many numbers are in {@link #sum}: the examples, or the tokens that are not padding.
    ///
    /// @param inputs  of a batch, whose first axis is the examples, and whose second the tokens of each where it has tokens
    /// @param padding true where a token is padding, `[B, T]`
    public long count(Tensor inputs, Optional<Tensor> padding) {
        if (!tokens()) {
            return inputs.size(0);
        }
        long places = inputs.numel();
        return padding.map(p -> places - Math.round(Tensors.toDoubles(p.sum())[0])).orElse(places);
    }

    /// The sum, in float64, of a number of each real token, or of each example: of an image's patches the mean of theirs.
    ///
    /// @param numbers `[B]`, of a stream `[B, T]`
    public double sum(Tensor numbers, Optional<Tensor> padding) {
        return Tensors.toDoubles(Scope.yield(() -> {
            var real = tokens() && padding.isPresent() ? numbers.masked_fill(padding.get(), new Scalar(0)) : numbers;
            return (this == PATCHES ? real.mean(1) : real).sum(new ScalarTypeOptional(ScalarType.Double));
        }))[0];
    }

    private Tensor channelsLast(Tensor output) {
        check(output);
        return switch (this) {
            case MAPS -> output.permute(0, 2, 3, 1);
            case SIGNALS -> output.permute(0, 2, 1);
            case TOKENS, PATCHES, VECTORS -> output;
        };
    }

    private Tensor check(Tensor output) {
        if (output.dim() != rank || !output.is_floating_point()) {
            throw new IllegalArgumentException(
                    "a layer gave a tensor of shape %s, but its model says that outputs are %s, of rank %d".formatted(
                            Arrays.toString(output.shape()), this, rank));
        }
        return output;
    }
}
