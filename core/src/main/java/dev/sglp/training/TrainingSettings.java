package dev.sglp.training;

import dev.sglp.fault.UsageException;
import dev.sglp.training.descent.Optimizer;
import dev.sglp.training.descent.Schedule;

/// Every setting of one training.
///
/// @param epochs         passes over the training items, `>= 1`
/// @param batchSize      items a step, `>= 1`
/// @param optimizer      how a gradient becomes a step
/// @param schedule       the learning rate of every step
/// @param regularisation what keeps it from learning by heart
/// @param seed           of the order and the augmentation
/// @param maxSteps       after so many it ends, even within an epoch, and so does the schedule; 0: after the last epoch
/// @param minutes        it takes as many steps as go into so many minutes where those are fewer, by what the first ones take; 0: any
public record TrainingSettings(int epochs, int batchSize, Optimizer optimizer, Schedule schedule,
        Regularisation regularisation, long seed, int maxSteps, double minutes) {
    /// Whole epochs.
    public TrainingSettings(int epochs, int batchSize, Optimizer optimizer, Schedule schedule,
            Regularisation regularisation, long seed) {
        this(epochs, batchSize, optimizer, schedule, regularisation, seed, 0, 0);
    }

    /// The same with another end.
    public TrainingSettings ending(int steps) {
        return new TrainingSettings(epochs, batchSize, optimizer, schedule, regularisation, seed, steps, minutes);
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
