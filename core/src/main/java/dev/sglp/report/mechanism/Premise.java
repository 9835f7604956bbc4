package dev.sglp.report.mechanism;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// The method takes for granted that a layer which says what the one before it says is redundant: the more alike, the less is lost.
///
/// @param layers   how many were ranked: those that can go and have a layer before them
/// @param spearman rank correlation of their similarity (CKA) to the layer before with the loss when absent, in [−1, 1]; −1 where the
///                 premise holds to the letter; absent where there are fewer than two, or all are equal
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Premise(int layers, @Nullable Double spearman) {
    private static final double GOOD = 0.7; // as for the agreement of criterion and loss
    private static final double WEAK = 0.3;
    private static final double TWO_SIDED = 1.96; // of a normal distribution, at 5 %

    Finding finding() {
        return new Finding("Does high similarity mean that a layer can go?", answer());
    }

    private String answer() {
        if (spearman == null || !Double.isFinite(spearman)) {
            return layers < 2
                    ? "Cannot be told: fewer than two removable layers have a layer before them."
                    : "Cannot be told: the %d layers are all equally alike or equally missed.".formatted(layers);
        }
        String number = String.format(Locale.ROOT, "%.2f", spearman).replace('-', '−');
        return "%s: over %d layers the rank correlation of a layer’s similarity (CKA) to the one before it with the loss without it is %s (−1: the more alike, the less is lost). %s%s"
                .formatted(spearman <= -GOOD ? "Yes" : spearman <= -WEAK ? "In part" : "No", layers, number,
                        meaning(spearman), chance(spearman) ? " On so few layers chance may give as much." : "");
    }

    private static String meaning(double spearman) {
        if (spearman <= -GOOD) {
            return "The method’s premise holds here: what resembles its predecessor is missed least.";
        }
        if (spearman <= -WEAK) {
            return "The method’s premise is weak here: similarity is a hint of what can go, no more.";
        }
        return spearman < WEAK
                ? "The method’s premise does not hold here: how alike layers are says little of what is lost without them."
                : "The method’s premise does not hold here, rather the reverse: what resembles its predecessor is missed more.";
    }

    /// Whether unrelated numbers are as strongly correlated in one of twenty cases: their correlation spreads by 1 / √(n − 1).
    private boolean chance(double spearman) {
        return Math.abs(spearman) >= WEAK && Math.abs(spearman) * Math.sqrt(layers - 1.0) < TWO_SIDED;
    }
}
