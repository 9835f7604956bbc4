package dev.sglp.report.mechanism;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.sglp.model.LayerSet;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// The method takes for granted that a layer which says what the one before it says is redundant: the more alike, the less is lost.
///
/// @param layers   how many were ranked: those that can go, have a layer before them and are not `unknown`
/// @param first    whether the first layer can go, which has none before it and so is not ranked
/// @param unknown  those that can go and were not ranked since loss or similarity is no finite number
/// @param spearman rank correlation of their similarity (CKA) to the layer before with the loss when absent, equal values at their mean
///                 rank, in [−1, 1]; −1 where the premise holds to the letter; absent where fewer than three are ranked, or all are equal
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Premise(int layers, boolean first, LayerSet unknown, @Nullable Double spearman) {
    /// Of two layers every order is a perfect one.
    public static final int LEAST = 3;
    private static final double GOOD = 0.7; // as for the agreement of criterion and loss
    private static final double WEAK = 0.3;
    private static final double TWO_SIDED = 1.96; // of a normal distribution, at 5 %

    Finding finding() {
        return new Finding("Does high similarity mean that a layer can go?", answer());
    }

    private String answer() {
        if (spearman == null || !Double.isFinite(spearman)) {
            return layers < LEAST
                    ? "Cannot be told: of the removable layers %d can be ranked, and it takes %d%s.".formatted(layers,
                            LEAST, leftOut())
                    : "Cannot be told: the %d layers are all equally alike or equally missed%s.".formatted(layers,
                            leftOut());
        }
        String number = String.format(Locale.ROOT, "%.2f", spearman + 0.0).replace('-', '−');
        return "%s: over %d layers the rank correlation (Spearman) of a layer’s similarity (CKA) to the one before it with the loss without it is %s (−1: the more alike, the less is lost)%s. %s%s"
                .formatted(verdict(spearman), layers, number, leftOut(), meaning(spearman),
                        chance(spearman) ? " On so few layers chance may give as much." : "");
    }

    private String leftOut() {
        String none = first ? "; layer 0, which has none before it, is left out" : "";
        return none + (unknown.size() == 0
                ? ""
                : "; left out%s: %s, where loss or similarity is no finite number".formatted(first ? " too" : "",
                        Finding.layers(unknown)));
    }

    private static String verdict(double spearman) {
        if (spearman <= -WEAK) {
            return spearman <= -GOOD ? "Yes" : "In part";
        }
        return spearman < WEAK ? "Undecided" : "No";
    }

    private static String meaning(double spearman) {
        if (spearman <= -GOOD) {
            return "The method’s premise holds here: what resembles its predecessor is missed least.";
        }
        if (spearman <= -WEAK) {
            return "The method’s premise is weak here: similarity is a hint of what can go, no more.";
        }
        return spearman < WEAK
                ? "The method’s premise neither holds here nor is turned round: how alike layers are says little of what is lost without them."
                : "The method’s premise does not hold here, rather the reverse: what resembles its predecessor is missed more.";
    }

    /// Whether unrelated numbers are as strongly correlated in one of twenty cases: their correlation spreads by 1 / √(n − 1).
    private boolean chance(double spearman) {
        return Math.abs(spearman) >= WEAK && Math.abs(spearman) * Math.sqrt(layers - 1.0) < TWO_SIDED;
    }
}
