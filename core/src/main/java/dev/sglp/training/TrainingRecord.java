package dev.sglp.training;

import java.util.ArrayList;
import java.util.List;

/// How a training went.
///
/// @param epochs in order
public record TrainingRecord(List<Epoch> epochs) {
    public TrainingRecord {
        epochs = List.copyOf(epochs);
    }

    /// @param number             from 1
    /// @param learningRate       at the epoch's last step
    /// @param trainingLoss       mean over the items it saw, with smoothing and augmentation, nats
    /// @param validationLoss     mean cross-entropy, nats; NaN where there is no validation data
    /// @param validationAccuracy a fraction of 1; NaN where there is no validation data
    public record Epoch(int number, double learningRate, double trainingLoss, double validationLoss,
            double validationAccuracy, double seconds) {}

    /// Of a training that there was not.
    public static TrainingRecord none() {
        return new TrainingRecord(List.of());
    }

    /// The same with one more epoch.
    TrainingRecord and(Epoch next) {
        var all = new ArrayList<>(epochs);
        all.add(next);
        return new TrainingRecord(all);
    }

    public Epoch last() {
        return epochs.getLast();
    }

    /// The epoch with the lowest validation loss, the earliest of equals; the last one where there is no validation data. The
    /// loss tells epochs apart that have the same images right.
    public Epoch best() {
        return epochs.stream().filter(e -> !Double.isNaN(e.validationLoss))
                .reduce((a, b) -> b.validationLoss < a.validationLoss ? b : a).orElseGet(this::last);
    }

    /// Whether there was anything to tell the epochs apart by.
    public boolean validated() {
        return epochs.stream().anyMatch(e -> !Double.isNaN(e.validationLoss));
    }

    /// Which epoch is the best and why, in words.
    public String bestInWords() {
        return "epoch %d, %s".formatted(best().number(), validated()
                ? "the lowest loss on the verification data"
                : "the last: there are no verification data");
    }
}
