package dev.sglp.training;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// How a training went.
///
/// @param epochs in order
/// @param items  what it was trained on, as people call it; absent where it is not known
/// @param steps  of the whole training, done or to do; absent where it is not known
/// @param unit   what each of them is, where it is no whole epoch: `part`, `layer`
public record TrainingRecord(List<Epoch> epochs, @Nullable String items, @Nullable Long steps,
        @Nullable String unit) {
    public TrainingRecord {
        epochs = List.copyOf(epochs);
    }

    public TrainingRecord(List<Epoch> epochs) {
        this(epochs, null, null, null);
    }

    /// @param number             from 1
    /// @param learningRate       at the epoch's last step
    /// @param trainingLoss       mean over the items it saw, with smoothing and augmentation, nats
    /// @param validationLoss     mean cross-entropy, nats; NaN where there is no validation data
    /// @param validationAccuracy a fraction of 1; NaN where there is no validation data, and of text
    /// @param validationKl       of text, mean KL divergence from the teacher's answers a token, nats; absent where there is no teacher
    public record Epoch(int number, double learningRate, double trainingLoss, double validationLoss,
            double validationAccuracy, @Nullable Double validationKl, double seconds) {
        /// Of a network without a teacher's answers to compare with.
        public Epoch(int number, double learningRate, double trainingLoss, double validationLoss,
                double validationAccuracy, double seconds) {
            this(number, learningRate, trainingLoss, validationLoss, validationAccuracy, null, seconds);
        }
    }

    /// Of a training that there was not.
    public static TrainingRecord none() {
        return new TrainingRecord(List.of());
    }

    /// Of a training that has not begun.
    public static TrainingRecord on(String items, long steps, String unit) {
        return new TrainingRecord(List.of(), items, steps, unit);
    }

    /// The same with one more epoch.
    public TrainingRecord and(Epoch next) {
        var all = new ArrayList<>(epochs);
        all.add(next);
        return new TrainingRecord(all, items, steps, unit);
    }

    /// What people call each of them: `epoch`, `part`, `layer`.
    public String word() {
        return unit == null ? "epoch" : unit;
    }

    /// Their number with the word.
    public String count() {
        return "%d %s%s".formatted(epochs.size(), word(), epochs.size() == 1 ? "" : "s");
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
        return "%s %d, %s".formatted(word(), best().number(), validated()
                ? "the lowest loss on the verification data"
                : "the last: there are no verification data");
    }
}
