package dev.sglp.report.mechanism;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.sglp.model.LayerSet;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Each segment is chosen as if the others stayed whole: what that overlooks.
///
/// @param jointIncrease loss without all layers that go, minus the dense network's, nats
/// @param segments      those that give layers, at least one, each alone
/// @param excess        the joint increase minus the sum of the segments' own, nats; 0 where segments do not interact
/// @param share         the excess as a share of the joint increase; absent where that is not above 0
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Interaction(double jointIncrease, List<Own> segments, double excess, @Nullable Double share) {
    private static final double ADDITIVE = 0.1; // of the joint change or the sum, whichever is larger

    /// A segment that alone gives its layers.
    ///
    /// @param segment      counted from 0
    /// @param layers       that it gives
    /// @param lossIncrease loss without these alone, minus the dense network's, nats
    public record Own(int segment, LayerSet layers, double lossIncrease) {}

    public Interaction {
        segments = List.copyOf(segments);
    }

    public static Interaction of(double jointIncrease, List<Own> segments) {
        double excess = jointIncrease - sum(segments);
        return new Interaction(jointIncrease, segments, excess,
                jointIncrease > 0 && Double.isFinite(excess) ? excess / jointIncrease : null);
    }

    private static double sum(List<Own> segments) {
        return segments.stream().mapToDouble(Own::lossIncrease).sum();
    }

    Finding finding() {
        return new Finding("Do the segments interact?", answer());
    }

    private String answer() {
        if (segments.size() < 2) {
            return "Does not arise: all that goes is of segment %d.".formatted(segments.getFirst().segment() + 1);
        }
        if (!Double.isFinite(excess)) {
            return "Cannot be told: without the layers that go, or those of one segment, the loss is no finite number.";
        }
        double larger = Math.max(Math.abs(jointIncrease), Math.abs(sum(segments)));
        if (Math.abs(excess) <= ADDITIVE * larger) {
            return "No, they about add up: %s Segments can be chosen apart.".formatted(numbers());
        }
        return excess > 0
                ? "Yes, they make each other worse: %s Removing in one segment makes removals in the others cost more, to which a choice segment by segment is blind."
                        .formatted(numbers())
                : "Yes, they overlap: %s What goes costs less together than apart: segments alone overstate it."
                        .formatted(numbers());
    }

    private String numbers() {
        String own = segments.stream().map(s -> Finding.signed(s.lossIncrease())).collect(Collectors.joining(", "));
        String part = share == null
                ? ""
                : String.format(Locale.ROOT, ", %.0f %% of the joint rise", 100 * share + 0.0).replace('-', '−');
        return "without all %d removed layers the loss on the calibration data changes by %s nats, without those of one segment at a time by %s in sum (%s); the difference is %s nats%s."
                .formatted(segments.stream().mapToInt(s -> s.layers().size()).sum(), Finding.signed(jointIncrease),
                        Finding.signed(sum(segments)), own, Finding.signed(excess), part);
    }
}
