package dev.sglp.segmentation;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// An ordered sequence of `N` layers cut into `k` runs of neighbours.
///
/// @param boundaries `k + 1` ascending indices: segment `s` is `[boundaries[s], boundaries[s+1])`; first 0, last `N`
/// @param losses     `losses[k−1]` is the smallest within-segment sum of squares with `k` segments, for `k = 1, 2, …`
/// @param rule       how k was chosen, for instance `given` or `elbow`
/// @param stability  how much the borders move with the calibration examples; absent where it was not measured
public record Segmentation(List<Integer> boundaries, List<Double> losses, String rule,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Stability stability) {
    public Segmentation {
        boundaries = List.copyOf(boundaries);
        losses = List.copyOf(losses);
        if (boundaries.size() < 2 || boundaries.getFirst() != 0) {
            throw new IllegalArgumentException(
                    "boundaries start at 0 and name at least one segment, got " + boundaries);
        }
        for (int i = 1; i < boundaries.size(); i++) {
            if (boundaries.get(i) <= boundaries.get(i - 1)) {
                throw new IllegalArgumentException("boundaries ascend, got " + boundaries);
            }
        }
    }

    /// Its stability not measured.
    public Segmentation(List<Integer> boundaries, List<Double> losses, String rule) {
        this(boundaries, losses, rule, null);
    }

    public Segmentation with(Stability measured) {
        return new Segmentation(boundaries, losses, rule, measured);
    }

    /// One segment, `[from, to)`.
    public record Segment(int from, int to) {
        public boolean contains(int layer) {
            return from <= layer && layer < to;
        }

        @Override
        public String toString() {
            return "[%d,%d)".formatted(from, to);
        }
    }

    public int size() {
        return boundaries.size() - 1;
    }

    public Segment segment(int s) {
        return new Segment(boundaries.get(s), boundaries.get(s + 1));
    }

    /// The number of the segment that has this layer; empty where there is none.
    public OptionalInt find(int layer) {
        return IntStream.range(0, size()).filter(s -> segment(s).contains(layer)).findFirst();
    }

    public List<Segment> segments() {
        return IntStream.range(0, size()).mapToObj(this::segment).toList();
    }

    /// How far each point of the loss curve lies below the straight line between its ends, see {@link Elbow}.
    public List<Double> belowChord() {
        return losses.isEmpty() ? List.of() : Elbow.distances(losses);
    }

    /// The segments as people write them: `[0,6) [6,24) [24,27)`.
    @Override
    public String toString() {
        return segments().stream().map(Segment::toString).collect(Collectors.joining(" "));
    }
}
