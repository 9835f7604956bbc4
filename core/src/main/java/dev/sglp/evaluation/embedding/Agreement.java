package dev.sglp.evaluation.embedding;

import java.util.Arrays;

/// How far embeddings agree with those of another network, mostly the dense one, on the same texts: the cosine between them.
///
/// @param cosine the mean over the texts, at most 1; higher is better
/// @param least  of the text on which they agree least
/// @param low    lower end of the mean's 95 % interval, by the texts' spread
/// @param high   upper end
public record Agreement(double cosine, double least, double low, double high) {
    private static final double NORMAL = 1.96;

    /// A network with itself.
    static final Agreement WHOLE = new Agreement(1, 1, 1, 1);

    /// @param cosines of each text, at least one
    static Agreement of(double[] cosines) {
        double mean = Arrays.stream(cosines).average().orElseThrow();
        double squares = Arrays.stream(cosines).map(c -> (c - mean) * (c - mean)).sum();
        double error = cosines.length < 2
                ? Double.NaN
                : NORMAL * Math.sqrt(squares / (cosines.length - 1) / cosines.length);
        return new Agreement(mean, Arrays.stream(cosines).min().orElseThrow(), Math.max(-1, mean - error),
                Math.min(1, mean + error));
    }
}
