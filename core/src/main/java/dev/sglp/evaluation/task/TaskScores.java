package dev.sglp.evaluation.task;

import dev.sglp.data.task.MultipleChoice;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;

/// What a network says of each choice of each item.
///
/// @param task           the questions
/// @param logLikelihoods by item and choice: summed log-probability of the continuation, nats
public record TaskScores(MultipleChoice task, double[][] logLikelihoods) {

    /// The choice with the largest log-likelihood; the first of equals.
    public int choice(int item) {
        return best(logLikelihoods[item]);
    }

    /// The choice with the largest log-likelihood a character; the first of equals.
    public int normalisedChoice(int item) {
        var characters = task.items().get(item).characters();
        double[] scores = logLikelihoods[item].clone();
        for (int c = 0; c < scores.length; c++) {
            scores[c] /= characters.get(c);
        }
        return best(scores);
    }

    /// The first of equals; none where the network's answers are not numbers.
    private static int best(double[] scores) {
        int best = 0;
        for (int c = 1; c < scores.length; c++) {
            best = scores[c] > scores[best] ? c : best;
        }
        return Double.isNaN(scores[best]) ? -1 : best;
    }

    /// The figures.
    public TaskResult result() {
        int n = task.items().size();
        double acc = right(this::choice) / (double) n;
        return new TaskResult(task.kind().label(), n, acc,
                task.kind().normalised() ? right(this::normalisedChoice) / (double) n : null, stderr(acc, n));
    }

    /// Of a share of so many items.
    static double stderr(double share, int n) {
        return n == 1 ? 0 : Math.sqrt(share * (1 - share) / (n - 1));
    }

    private long right(IntUnaryOperator choice) {
        var items = task.items();
        return IntStream.range(0, items.size()).filter(i -> choice.applyAsInt(i) == items.get(i).right()).count();
    }

    /// The fraction of items for which both networks choose the same.
    ///
    /// @throws IllegalArgumentException where the other was asked another number of items
    public double agreement(TaskScores other) {
        int n = logLikelihoods.length;
        if (other.logLikelihoods.length != n) {
            throw new IllegalArgumentException(
                    "answers to %d and to %d items cannot be compared".formatted(n, other.logLikelihoods.length));
        }
        return IntStream.range(0, n).filter(i -> choice(i) == other.choice(i)).count() / (double) n;
    }
}
