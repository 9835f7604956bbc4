package dev.sglp.training;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// How a training went.
///
/// @param epochs    in order
/// @param items     what it was trained on, as people call it; absent where it is not known
/// @param steps     of the whole training, done or to do; absent where it is not known
/// @param unit      what each of them is, where it is no whole epoch: `part`, `layer`
/// @param untrained the network before the first step, as an epoch of number 0; absent where it was not measured
/// @param taken     number of the epoch whose weights the network was given back at the end; absent: it has those of the last one
public record TrainingRecord(List<Epoch> epochs, @Nullable String items, @Nullable Long steps, @Nullable String unit,
        @Nullable Epoch untrained, @Nullable Integer taken) {
    private static final double LEAST_SECONDS = 1e-9; // a clock may stand still

    public TrainingRecord {
        epochs = List.copyOf(epochs);
    }

    public TrainingRecord(List<Epoch> epochs) {
        this(epochs, null, null, null, null, null);
    }

    /// @param number             from 1; 0: before the first step
    /// @param learningRate       at the epoch's last step
    /// @param trainingLoss       mean over the items it saw, with smoothing and augmentation, nats; NaN before the first step
    /// @param validationLoss     mean cross-entropy, nats; NaN where there is no validation data
    /// @param validationAccuracy a fraction of 1; NaN where there is no validation data, and of text
    /// @param validationKl       of text, mean KL divergence from the teacher's answers a token, nats; absent where there is no teacher
    /// @param tokens             of text, how many it was trained on; absent where they were not counted
    /// @param tokensPerSecond    the same a second of training, measurements apart; absent with them
    public record Epoch(int number, double learningRate, double trainingLoss, double validationLoss,
            double validationAccuracy, @Nullable Double validationKl, @Nullable Long tokens,
            @Nullable Double tokensPerSecond, double seconds) {
        /// Of a network without a teacher's answers to compare with.
        public Epoch(int number, double learningRate, double trainingLoss, double validationLoss,
                double validationAccuracy, double seconds) {
            this(number, learningRate, trainingLoss, validationLoss, validationAccuracy, null, null, null, seconds);
        }

        /// Of which the verification data have not been asked.
        public static Epoch unmeasured(int number, double learningRate, double trainingLoss) {
            return new Epoch(number, learningRate, trainingLoss, Double.NaN, Double.NaN, null, null, null, 0);
        }

        /// Before the first step, of which they have not been asked.
        public static Epoch untrained() {
            return unmeasured(0, 0, Double.NaN);
        }

        /// The same with what the verification data said of a language model.
        ///
        /// @param kl not finite where there is no teacher
        public Epoch measured(double loss, double kl, double seconds) {
            return new Epoch(number, learningRate, trainingLoss, loss, Double.NaN, Double.isFinite(kl) ? kl : null,
                    tokens, tokensPerSecond, seconds);
        }

        /// The same with what the verification data said of a network that tells classes apart, or NaN.
        Epoch classified(double loss, double accuracy, double took) {
            return new Epoch(number, learningRate, trainingLoss, loss, accuracy, null, tokens, tokensPerSecond, took);
        }

        /// The same of a text.
        ///
        /// @param trained tokens
        /// @param took    seconds without the measurement
        Epoch trainedOn(long trained, double took) {
            return new Epoch(number, learningRate, trainingLoss, validationLoss, validationAccuracy, validationKl,
                    trained, trained / Math.max(took, LEAST_SECONDS), seconds);
        }

        boolean validated() {
            return !Double.isNaN(validationLoss);
        }
    }

    /// Of a training that there was not.
    public static TrainingRecord none() {
        return new TrainingRecord(List.of());
    }

    /// Of a training that has not begun.
    ///
    /// @param untrained what the verification data say of it as it is
    public static TrainingRecord on(String items, long steps, String unit, Epoch untrained) {
        return new TrainingRecord(List.of(), items, steps, unit, untrained.validated() ? untrained : null,
                null);
    }

    /// The same with one more epoch.
    public TrainingRecord and(Epoch next) {
        var all = new ArrayList<>(epochs);
        all.add(next);
        return new TrainingRecord(all, items, steps, unit, untrained, null);
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

    /// All that was measured, in order: the network as it came, where it was, then the epochs.
    public List<Epoch> points() {
        return Stream.concat(Stream.ofNullable(untrained), epochs.stream()).toList();
    }

    /// The epoch with the lowest validation loss, the earliest of equals, which may be the one before the first step; the last one where
    /// there is no validation data. The loss tells epochs apart that have the same images right.
    public Epoch best() {
        return points().stream().filter(Epoch::validated)
                .reduce((a, b) -> b.validationLoss < a.validationLoss ? b : a).orElseGet(this::last);
    }

    /// The same, after which the network was given the weights of the best epoch back.
    TrainingRecord takenBack() {
        return new TrainingRecord(epochs, items, steps, unit, untrained, best().number());
    }

    /// Which weights the network has, in words.
    public String takenInWords() {
        if (taken == null) {
            return "those of the end";
        }
        return taken == 0
                ? "those it came with, since training made nothing better on the verification data"
                : "those after %s %d, which had the lowest loss on the verification data".formatted(word(), taken);
    }

    /// Whether what was done last, or the network as it came where nothing was, is the best.
    boolean endsAtItsBest() {
        return !points().isEmpty() && best().equals(points().getLast());
    }

    /// Whether training made the network better, as far as there was anything to tell by.
    public boolean improved() {
        return best().number() > 0;
    }

    /// Whether there was anything to tell the epochs apart by.
    public boolean validated() {
        return epochs.stream().anyMatch(Epoch::validated);
    }

    /// Which epoch is the best and why, in words.
    public String bestInWords() {
        return !improved()
                ? "training made nothing better; best/ is the network as it came"
                : "%s %d, %s".formatted(word(), best().number(), validated()
                        ? "the lowest loss on the verification data"
                        : "the last: there are no verification data");
    }
}
