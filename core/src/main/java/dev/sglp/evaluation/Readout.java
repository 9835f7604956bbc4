package dev.sglp.evaluation;

import java.util.Optional;

/// What a network says of every example of a data set. It owns what it holds; close it.
public sealed interface Readout extends AutoCloseable permits Predictions, TokenPredictions, TokenSums {
    /// Number of examples; of text: of predicted tokens.
    int size();

    /// How many examples have their true class, or their true next token, among the `k` most likely, k 1 or 5; equal
    /// scores go to the lower class, or to the true token.
    int right(int k);

    /// Mean cross-entropy in nats, summed in float64.
    double loss();

    /// `exp(loss)`; empty where no text was predicted.
    Optional<Double> perplexity();

    /// Between which values the perplexity lies; empty where no text was predicted, or too little.
    default Optional<PerplexityInterval> interval() {
        return Optional.empty();
    }

    @Override
    void close();
}
