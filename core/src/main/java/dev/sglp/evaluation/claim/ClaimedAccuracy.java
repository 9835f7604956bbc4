package dev.sglp.evaluation.claim;

import dev.sglp.evaluation.AccuracyInterval;
import dev.sglp.evaluation.Evaluation;
import java.util.Comparator;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/// The accuracy that was saved beside a network when it was trained (`best_prec1`, `best_acc1`, …), compared with the one that was
/// measured.
///
/// @param key      under which it stands in the checkpoint
/// @param accuracy a fraction of 1; checkpoints say percent or fractions
/// @param measured a fraction of 1
/// @param low      of the measured one's 95 % interval
/// @param high     of the measured one's 95 % interval
/// @param agrees   whether it lies in that interval
public record ClaimedAccuracy(String key, double accuracy, double measured, double low, double high, boolean agrees) {
    /// Top-1 accuracies of other data than those that were trained on; letters and digits alone.
    private static final Pattern KEY = Pattern
            .compile("(best)?(val|valid|validation|test|eval)?(accuracy|acc|prec|precision|top)(top)?1?");

    /// Empty where the checkpoint says none, or no classes were told apart.
    ///
    /// @param metadata what the checkpoint says beside its tensors
    public static Optional<ClaimedAccuracy> of(Map<String, String> metadata, Evaluation measured) {
        if (measured.perplexity() != null || measured.examples() == 0 || !Double.isFinite(measured.accuracy())) {
            return Optional.empty();
        }
        var interval = AccuracyInterval.of(measured.accuracy(), measured.examples());
        return metadata.keySet().stream().filter(key -> KEY.matcher(plain(key)).matches())
                .filter(key -> fraction(metadata.get(key)) > 0)
                .min(Comparator.comparing(key -> !plain(key).startsWith("best")))
                .map(key -> new ClaimedAccuracy(key, fraction(metadata.get(key)), measured, interval));
    }

    private ClaimedAccuracy(String key, double accuracy, Evaluation measured, AccuracyInterval interval) {
        this(key, accuracy, measured.accuracy(), interval.low(), interval.high(),
                interval.low() <= accuracy && accuracy <= interval.high());
    }

    private static String plain(String key) {
        return key.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]", "");
    }

    /// 0 where it is no accuracy; up to 1 a fraction, above it percent.
    private static double fraction(String text) {
        try {
            double value = Double.parseDouble(text);
            return value > 0 && value <= 1 ? value : value > 1 && value <= 100 ? value / 100 : 0;
        } catch (NumberFormatException e) {
            return 0;
        }
    }

    /// Where the two are apart by more than chance, and what may be why; empty where they agree.
    public Optional<String> warning() {
        if (agrees) {
            return Optional.empty();
        }
        var gap = String.format(Locale.ROOT,
                "The checkpoint says %.2f %% (%s), measured were %.2f %% (95 %% interval: %.2f to %.2f %%). ",
                100 * accuracy, key, 100 * measured, 100 * low, 100 * high);
        return Optional.of(gap + (measured < accuracy
                ? "Check the normalisation (--normalise, or --mean and --std), whether the images were compressed or resized otherwise than those it was tested on, and the order of the classes."
                : "Maybe it was trained on these images, or its number is of other ones."));
    }
}
