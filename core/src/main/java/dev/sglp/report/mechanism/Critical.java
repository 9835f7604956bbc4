package dev.sglp.report.mechanism;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.sglp.model.LayerSet;
import dev.sglp.report.Human;
import java.util.Comparator;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Whether a layer went that the network misses far more than the others it could do without.
///
/// @param layers    how many can go, each of which was left out alone
/// @param threshold loss increase above which a layer stands out among them, nats; absent where there are too few to tell
/// @param removed   of the layers that go those that stand out, in their order
/// @param highest   of the layers that go the one that alone is missed most
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Critical(int layers, @Nullable Double threshold, List<Rise> removed, Rise highest) {
    private static final int LEAST = 4; // of fewer values none can lie beyond the fence
    /// Tukey's fence: quartiles are the same wherever the outliers themselves lie, which a mean and a deviation are not.
    private static final double RANGES = 1.5;
    /// Among layers that cost next to nothing one may lie beyond the fence and be harmless: it must also raise the perplexity by a tenth, as
    /// in the warning of a loss.
    private static final double FLOOR = Math.log(1.1);

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
        Double threshold = known.length < LEAST ? null : (Double) Math.max(FLOOR, fence(known));
        var going = all.stream().filter(r -> gone.contains(r.layer())).toList();
        var out = going.stream().filter(r -> !Double.isFinite(r.lossIncrease())
                || threshold != null && r.lossIncrease() > threshold).toList();
        return new Critical(all.size(), threshold, out,
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
        if (!removed.isEmpty()) {
            return "Yes: without %s. %s".formatted(
                    removed.stream().map(r -> costs(r, names)).collect(Collectors.joining(", without ")), keep());
        }
        return threshold == null
                ? "Cannot be told: among %d removable layers none can stand out.".formatted(layers)
                : "No: of the %d removable layers one would stand out that alone raises the loss by more than %s nats; of those removed, layer %d (%s) comes nearest with %s."
                        .formatted(layers, Human.number(threshold), highest.layer(), names.apply(highest.layer()),
                                Human.number(highest.lossIncrease()));
    }

    private static String costs(Rise rise, IntFunction<String> names) {
        return "layer %d (%s) alone the loss %s".formatted(rise.layer(), names.apply(rise.layer()),
                Double.isFinite(rise.lossIncrease())
                        ? "rises by %s nats".formatted(Human.number(rise.lossIncrease()))
                        : "is no number");
    }

    private String keep() {
        String bound = threshold == null
                ? ""
                : " Of the %d removable layers one stands out that costs more than %s.".formatted(layers,
                        Human.number(threshold));
        return "%s --protect %s keeps %s.".formatted(bound,
                removed.stream().map(r -> String.valueOf(r.layer())).collect(Collectors.joining(",")),
                removed.size() == 1 ? "it" : "them").strip();
    }
}
