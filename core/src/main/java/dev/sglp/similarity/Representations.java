package dev.sglp.similarity;

/// What is kept of all layers' outputs on `n` examples, so that HSIC between any two follows without another forward pass.
/// It owns what it keeps; close it.
sealed interface Representations extends AutoCloseable permits Grams, TokenRows {
    /// HSIC between every two layers over these examples, `[N][N]`, up to a common factor.
    ///
    /// @param items which examples, ascending; all of them or some
    double[][] between(Cka settings, int... items);

    @Override
    void close();
}
