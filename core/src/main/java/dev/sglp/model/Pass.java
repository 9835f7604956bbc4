package dev.sglp.model;

import dev.sglp.model.past.Documents;
import dev.sglp.model.past.Past;
import dev.sglp.model.past.Places;
import dev.sglp.model.past.Step;
import java.util.Optional;

/// How a forward pass is meant; it travels as an argument, there is no hidden mode.
///
/// @param statistics what batch normalisation normalises by
/// @param momentum   weight of the batch in the stored statistics where they are {@link Statistics#UPDATED}
/// @param precision  what activations are kept in and convolutions multiply
/// @param past       what has been read of texts of which this pass reads the next tokens; absent where it reads them whole
/// @param documents  several texts in each row; absent where a row is one
public record Pass(Statistics statistics, double momentum, Precision precision, Optional<Past> past,
        Optional<Documents> documents) {
    /// What batch normalisation normalises by.
    public enum Statistics {
        /// The stored running statistics.
        STORED,
        /// The batch's own; the stored ones stay untouched.
        BATCH,
        /// The batch's own; the stored ones move towards them.
        UPDATED
    }

    /// What activations are kept in and convolutions and matrix products multiply. Weights, statistics and sums stay as they
    /// are.
    public enum Precision {
        /// As the weights and inputs are, float32 by default.
        FLOAT32,
        /// bfloat16: 8 bits of mantissa, twice to eight times as fast on a processor with instructions for it.
        BFLOAT16
    }

    public Pass(Statistics statistics, double momentum) {
        this(statistics, momentum, Precision.FLOAT32, Optional.empty(), Optional.empty());
    }

    /// The same in another precision.
    public Pass in(Precision other) {
        return new Pass(statistics, momentum, other, past, documents);
    }

    /// The same over the tokens that follow those, which will have been read then too.
    public Pass after(Past before) {
        return new Pass(statistics, momentum, precision, Optional.of(before), Optional.empty());
    }

    /// The same over rows of several texts.
    public Pass over(Documents texts) {
        return new Pass(statistics, momentum, precision, Optional.empty(), Optional.of(texts));
    }

    /// Where so many tokens of each text stand.
    public Places places(long tokens) {
        return past.map(p -> p.step(tokens)).or(() -> documents.map(Documents::step)).map(Step::places)
                .orElseGet(() -> Places.whole(tokens));
    }

    /// As in use: stored statistics.
    public static Pass evaluation() {
        return new Pass(Statistics.STORED, 0);
    }

    /// Normalised by the batch's own statistics, nothing stored.
    public static Pass batchStatistics() {
        return new Pass(Statistics.BATCH, 0);
    }

    /// As in training: the batch's own statistics, stored with this momentum (PyTorch's default is 0.1).
    public static Pass training(double momentum) {
        return new Pass(Statistics.UPDATED, momentum);
    }
}
