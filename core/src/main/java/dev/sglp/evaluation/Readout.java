package dev.sglp.evaluation;

import dev.sglp.evaluation.embedding.Agreement;
import java.util.Optional;

/// What a network says of every example of a data set. It owns what it holds; close it.
public interface Readout extends AutoCloseable {
    /// Number of examples; of text: of predicted tokens.
    int size();

    /// How many examples have their true class, or their true next token, among the `k` most likely, k 1 or 5; equal
    /// scores go to the lower class, or to the true token.
    int right(int k);

    /// The mean loss, summed in float64: cross-entropy in nats; of embeddings `1 − cos`.
    double loss();

    /// `exp(loss)`; empty where no text was predicted.
    Optional<Double> perplexity();

    /// Between which values the perplexity lies; empty where no text was predicted, or too little.
    default Optional<PerplexityInterval> interval() {
        return Optional.empty();
    }

    /// How far embeddings agree with the dense network's; empty where answers are right or wrong.
    default Optional<Agreement> agreement() {
        return Optional.empty();
    }

    @Override
    void close();
}
