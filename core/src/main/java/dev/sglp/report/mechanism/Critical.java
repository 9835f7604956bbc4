package dev.sglp.report.mechanism;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.sglp.model.LayerSet;
import java.util.Comparator;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Whether a layer went that the network misses far more than the others it could do without.
///
/// @param layers    how many can go, each of which was left out alone
/// @param unknown   of these those without which the loss is no finite number: the quartiles are of the others
/// @param threshold third quartile of the loss increases plus one and a half interquartile ranges, nats: above it a layer stands out; absent
///                  where there are too few to tell
/// @param removed   of the layers that go those that stand out or are `unknown`, in their order; empty where all are unknown
/// @param highest   of the layers that go the one that alone is missed most
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Critical(int layers, LayerSet unknown, @Nullable Double threshold, List<Rise> removed, Rise highest) {
    private static final int LEAST = 4; // of fewer values none can lie beyond the fence
    /// Tukey's fence: quartiles are the same wherever the outliers themselves lie, which a mean and a deviation are not.
    private static final double RANGES = 1.5;
    private static final double LITTLE = 0.1; // nats, a tenth of the perplexity

    /// A layer that alone is left out.
    ///
    /// @param lossIncrease loss without it, minus the dense network's, nats
    public record Rise(int layer, double lossIncrease) {
        private double rank() {
            return Double.isNaN(lossIncrease) ? Double.POSITIVE_INFINITY : lossIncrease;
        }
    }

    public Critical {
        removed = List.copyOf(removed);
    }

    /// @param all  every layer that can go
    /// @param gone at least one of them
    public static Critical of(List<Rise> all, LayerSet gone) {
        double[] known = all.stream().mapToDouble(Rise::lossIncrease).filter(Double::isFinite).sorted().toArray();
        Double threshold = known.length < LEAST ? null : (Double) fence(known);
        var going = all.stream().filter(r -> gone.contains(r.layer())).toList();
        var out = going.stream().filter(r -> known.length > 0 && !Double.isFinite(r.lossIncrease())
                || threshold != null && r.lossIncrease() > threshold).toList();
        var unknown = all.stream().filter(r -> !Double.isFinite(r.lossIncrease())).map(Rise::layer).toList();
        return new Critical(all.size(), new LayerSet(unknown), threshold, out,
                going.stream().max(Comparator.comparingDouble(Rise::rank)).orElseThrow());
    }

    private static double fence(double[] sorted) {
        double first = quantile(sorted, 0.25);
        double third = quantile(sorted, 0.75);
        return third + RANGES * (third - first);
    }

    /// Between the two values it falls between, in proportion.
    private static double quantile(double[] sorted, double share) {
        double place = share * (sorted.length - 1);
        int below = (int) place;
        int above = Math.min(below + 1, sorted.length - 1);
        return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
    }

    Finding finding(IntFunction<String> names) {
        return new Finding("Was a critical layer removed?", answer(names));
    }

    private String answer(IntFunction<String> names) {
        if (unknown.size() == layers) {
            return "Cannot be told: without any one of the %d removable layers the loss is no finite number."
                    .formatted(layers);
        }
        if (!removed.isEmpty()) {
            return (harmless() ? "In name only: %s. %s%s" : "Yes: %s. %s%s").formatted(
                    removed.stream().map(r -> costs(r, names)).collect(Collectors.joining("; ")), bound(), advice());
        }
        return threshold == null
                ? "Cannot be told: among %d removable layers none can stand out%s.".formatted(
                        layers - unknown.size(), leftOut())
                : "No: of the %d removable layers one stands out without which alone the loss changes by more than %s nats%s; of those removed, layer %d (%s) comes nearest with %s."
                        .formatted(layers, Finding.signed(threshold), leftOut(), highest.layer(),
                                names.apply(highest.layer()), Finding.signed(highest.lossIncrease()));
    }

    /// They stand out only because the others cost next to nothing.
    private boolean harmless() {
        return removed.stream().allMatch(r -> r.lossIncrease() < LITTLE);
    }

    private static String costs(Rise rise, IntFunction<String> names) {
        return "without layer %d (%s) alone the loss %s".formatted(rise.layer(), names.apply(rise.layer()),
                Double.isFinite(rise.lossIncrease())
                        ? "changes by %s nats".formatted(Finding.signed(rise.lossIncrease()))
                        : "is no finite number");
    }

    private String bound() {
        return threshold == null
                ? ""
                : "Of the %d removable layers one stands out above %s%s. ".formatted(layers,
                        Finding.signed(threshold), leftOut());
    }

    /// What the quartiles are not of.
    private String leftOut() {
        return unknown.size() == 0
                ? ""
                : " (left out: %s, without which the loss is no finite number)".formatted(Finding.layers(unknown));
    }

    private String advice() {
        return harmless()
                ? "Less than %s nats is little all the same: the others cost next to nothing.".formatted(LITTLE)
                : "--protect %s keeps %s.".formatted(
                        removed.stream().map(r -> String.valueOf(r.layer())).collect(Collectors.joining(",")),
                        removed.size() == 1 ? "it" : "them");
    }
}
