package dev.sglp.training;

import dev.sglp.data.Dataset;
import dev.sglp.fault.UsageException;
import dev.sglp.training.descent.Optimizer;
import dev.sglp.training.descent.Schedule;
import java.util.stream.IntStream;

/// Every setting of one training.
///
/// @param epochs         passes over the training items, `>= 1`
/// @param batchSize      items a step where it is not told in tokens, `>= 1`
/// @param optimizer      how a gradient becomes a step
/// @param schedule       the learning rate of every step
/// @param regularisation what keeps it from learning by heart
/// @param seed           of the order and the augmentation
/// @param maxSteps       after so many it ends, even within an epoch, and so does the schedule; 0: after the last epoch
/// @param minutes        it takes as many steps as go into so many minutes where those are fewer, by what the first ones take; 0: any
/// @param batchTokens    of text, tokens a step at the most, but for a longer window alone; 0: it has `batchSize` items
public record TrainingSettings(int epochs, int batchSize, Optimizer optimizer, Schedule schedule,
        Regularisation regularisation, long seed, int maxSteps, double minutes, long batchTokens) {
    /// Whole epochs.
    public TrainingSettings(int epochs, int batchSize, Optimizer optimizer, Schedule schedule,
            Regularisation regularisation, long seed) {
        this(epochs, batchSize, optimizer, schedule, regularisation, seed, 0, 0, 0);
    }

    /// The same with another end.
    public TrainingSettings ending(int steps) {
        return new TrainingSettings(epochs, batchSize, optimizer, schedule, regularisation, seed, steps, minutes,
                batchTokens);
    }

    /// The same with steps of so many tokens at the most; 0: of as many items.
    public TrainingSettings ofTokens(long tokens) {
        return new TrainingSettings(epochs, batchSize, optimizer, schedule, regularisation, seed, maxSteps, minutes,
                tokens);
    }

    /// How many of these items a step has at the most.
    public int most(Dataset items) {
        long most = batchTokens == 0
                ? batchSize
                : batchTokens / IntStream.range(0, items.size()).mapToLong(i -> items.places(i, i + 1)).min().orElse(1);
        return Math.toIntExact(Math.clamp(most, 1, Math.max(1, items.size())));
    }

    public TrainingSettings {
        if (maxSteps < 0) {
            throw new UsageException("--max-steps is at least 1 (0: no limit), got " + maxSteps);
        }
        if (!(minutes >= 0 && Double.isFinite(minutes))) {
            throw new UsageException("--minutes is above 0 (0: no limit), got " + minutes);
        }
        if (epochs < 1) {
            throw new UsageException("--epochs is at least 1, got " + epochs);
        }
        if (batchTokens < 0) {
            throw new UsageException("--batch-tokens is at least 1, got " + batchTokens);
        }
        if (batchSize < 1) {
            throw new UsageException("--batch-size is at least 1, got " + batchSize);
        }
    }

    /// @param weightDecay    of tensors with two or more dimensions; norms and biases never decay; `>= 0`
    /// @param labelSmoothing probability spread over all classes, in `[0, 1)`; 0: the network's own objective
    /// @param clipNorm       the largest norm all gradients together may have; 0: any
    /// @param augmentation   what is done to training images
    public record Regularisation(double weightDecay, double labelSmoothing, double clipNorm,
            Augmentation augmentation) {
        public Regularisation {
            if (!(weightDecay >= 0 && Double.isFinite(weightDecay))) {
                throw new UsageException("--weight-decay is at least 0, got " + weightDecay);
            }
            if (!(labelSmoothing >= 0 && labelSmoothing < 1)) {
                throw new UsageException("--label-smoothing is from 0 to below 1, got " + labelSmoothing);
            }
            if (!(clipNorm >= 0 && Double.isFinite(clipNorm))) {
                throw new UsageException("--clip-norm is at least 0 (0: off), got " + clipNorm);
            }
        }

        /// None at all.
        public static Regularisation none() {
            return new Regularisation(0, 0, 0, Augmentation.none());
        }
    }
}
