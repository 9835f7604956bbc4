package dev.sglp.training;

import java.util.List;

/// What a training run did, epoch by epoch.
public record TrainingRecord(List<Epoch> epochs) {
    public TrainingRecord {
        epochs = List.copyOf(epochs);
    }

    /// @param epoch              from 1
    /// @param loss               mean training loss, nats
    /// @param validationLoss     mean cross-entropy on the validation data, nats
    /// @param validationAccuracy top-1, a fraction of 1
    /// @param learningRate       at the epoch's end
    public record Epoch(int epoch, double loss, double validationLoss, double validationAccuracy, double learningRate,
            double seconds) {}

    public Epoch last() {
        return epochs.getLast();
    }
}
