package dev.sglp.model.transformer;

import dev.sglp.model.Part;
import dev.sglp.model.Pass;
import dev.sglp.model.transformer.norm.Norm;
import dev.sglp.tensor.Seed;
import java.util.SequencedMap;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;

/// One vector for a text: `[B, T, D] → [B, D]`. Every token is real, there is no padding.
///
/// @param norm      of every token's vector, before
/// @param unit      whether the vector is divided by its length
public record SentenceHead(Norm norm, Pooling pooling, boolean unit) implements Part {
    private static final double LEAST = 1e-12; // of a length

    /// How the tokens' vectors become one.
    public enum Pooling {
        /// Their mean.
        MEAN,
        /// The first one.
        FIRST,
        /// The last one.
        LAST,
        /// Of each number the largest.
        LARGEST,
        /// Their sum divided by the root of their number.
        MEAN_BY_ROOT;

        Tensor of(Tensor x) { // [B, T, D] → [B, D]
            return switch (this) {
                case MEAN -> x.mean(1);
                case FIRST -> x.select(1, 0);
                case LAST -> x.select(1, x.size(1) - 1);
                case LARGEST -> x.amax(new long[]{1}, false);
                case MEAN_BY_ROOT -> x.sum(1).div(new Scalar(Math.sqrt(x.size(1))));
            };
        }
    }

    @Override
    public Tensor forward(Tensor x, Pass pass) {
        var pooled = pooling.of(norm.forward(x));
        return unit
                ? pooled.div(pooled.norm(new ScalarOptional(new Scalar(2)), new long[]{1}, true).clamp_min(new Scalar(LEAST)))
                : pooled;
    }

    @Override
    public SentenceHead mapped(UnaryOperator<Tensor> other) {
        return new SentenceHead(norm.mapped(other), pooling, unit);
    }

    @Override
    public SentenceHead reinitialised(Seed seed) {
        return new SentenceHead(norm.reinitialised(), pooling, unit);
    }

    @Override
    public SequencedMap<String, Tensor> parameters() {
        return norm.parameters();
    }
}
