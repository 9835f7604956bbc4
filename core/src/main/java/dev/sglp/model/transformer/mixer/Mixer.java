package dev.sglp.model.transformer.mixer;

import dev.sglp.model.past.Kept;
import dev.sglp.model.past.Step;
import dev.sglp.model.transformer.linear.Linear;
import dev.sglp.tensor.Seed;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;

/// What a sublayer computes of the stream: `[B, T, D] → [B, T, D]`.
public sealed interface Mixer permits Attention, Mlp, Experts {
    /// `residual + forward(x)`
    ///
    /// @param residual shaped as `x`
    Tensor addedTo(Tensor residual, Tensor x);

    Tensor forward(Tensor x);

    /// Its last map; empty where it has several.
    Optional<Linear> lastMap();

    /// What its last map multiplies, `[B, T, f]`.
    ///
    /// @throws UnsupportedOperationException where it has several
    Tensor inner(Tensor x);

    /// What it gives besides its last map's output, `[B, T, D]`; empty for nothing.
    default Optional<Tensor> besides(Tensor x) {
        return Optional.empty();
    }

    /// The same with another last map.
    Mixer with(Linear output);

    /// The same with everything it gives divided.
    Mixer divided(double factor);

    /// The same on other tensors.
    Mixer mapped(UnaryOperator<Tensor> other);

    /// The same with freshly drawn weights.
    Mixer reinitialised(Seed seed, double std);

    SequencedMap<String, Tensor> parameters();

    /// The same for tokens that follow others.
    ///
    /// @param kept what has been kept of those, and will be of these
    default Mixer following(Kept kept, Step step) {
        return this;
    }

    /// The same over rows of several texts, none of which sees another.
    default Mixer over(Step documents) {
        return this;
    }

    /// Whether what has been kept of a text of so many tokens is still good when the text has grown.
    default boolean keeps(long length, long grown) {
        return true;
    }

    /// Bytes of its cache for each token of context, two bytes a number.
    default long cacheBytesPerToken() {
        return 0;
    }
}
