package dev.sglp.model;

/// How a forward pass is meant; it travels as an argument, there is no hidden mode.
///
/// @param statistics what batch normalisation normalises by
/// @param momentum   weight of the batch in the stored statistics where they are {@link Statistics#UPDATED}
/// @param precision  what activations are kept in and convolutions multiply
public record Pass(Statistics statistics, double momentum, Precision precision) {
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
        this(statistics, momentum, Precision.FLOAT32);
    }

    /// The same in another precision.
    public Pass in(Precision other) {
        return new Pass(statistics, momentum, other);
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
