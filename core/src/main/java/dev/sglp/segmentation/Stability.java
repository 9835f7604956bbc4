package dev.sglp.segmentation;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.sglp.similarity.SimilarityMatrix;
import java.util.List;
import java.util.stream.IntStream;

/// How much a segmentation depends on the calibration examples: it is made again, with the same number of segments, from
/// subsets of them.
///
/// @param share     which part of the examples each subset holds
/// @param resamples what each subset gave
/// @param rand      adjusted Rand index of each with the whole (Hubert and Arabie 1985), the mean: 1 the same segments, 0 chance
/// @param distance  layers from an inner border to the nearest one of a subset, the mean
public record Stability(double share, List<Resample> resamples, @JsonProperty("adjusted_rand") double rand,
        @JsonProperty("border_distance") double distance) {

    /// @param boundaries with as many segments as the whole
    /// @param elbow      the number of segments the loss curve says
    public record Resample(List<Integer> boundaries, int elbow) {
        public Resample {
            boundaries = List.copyOf(boundaries);
        }
    }

    public Stability {
        resamples = List.copyOf(resamples);
    }

    /// @param subsets similarity on each subset of the examples; at least one
    public static Stability of(Segmentation whole, List<SimilarityMatrix> subsets, Fisher.Features features,
            double share) {
        var cuts = subsets.stream()
                .map(m -> Fisher.of(m, features, whole.size(), Math.max(whole.losses().size(), whole.size()))).toList();
        return new Stability(share,
                cuts.stream().map(c -> new Resample(c.boundaries(), Elbow.of(c.losses()))).toList(),
                cuts.stream().mapToDouble(c -> rand(whole, c)).average().orElseThrow(),
                cuts.stream().mapToDouble(c -> distance(whole, c)).average().orElseThrow());
    }

    /// Of all subsets, how many would have taken as many segments.
    public long agreeing(int k) {
        return resamples.stream().filter(r -> r.elbow() == k).count();
    }

    /// The adjusted Rand index of two segmentations of the same layers.
    static double rand(Segmentation a, Segmentation b) {
        double both = 0;
        for (var s : a.segments()) {
            for (var t : b.segments()) {
                both += pairs(Math.max(0, Math.min(s.to(), t.to()) - Math.max(s.from(), t.from())));
            }
        }
        double inA = a.segments().stream().mapToDouble(s -> pairs(s.to() - s.from())).sum();
        double inB = b.segments().stream().mapToDouble(s -> pairs(s.to() - s.from())).sum();
        double chance = inA * inB / pairs(a.boundaries().getLast());
        double most = (inA + inB) / 2;
        return !(most > chance) ? 1 : (both - chance) / (most - chance);
    }

    private static double pairs(int n) {
        return n * (n - 1) / 2.0;
    }

    /// From each inner border of `a` to the nearest of `b`, the mean; 0 where there is none.
    static double distance(Segmentation a, Segmentation b) {
        var borders = b.boundaries().subList(1, b.size());
        return IntStream.range(1, a.size()).map(a.boundaries()::get)
                .map(x -> borders.stream().mapToInt(y -> Math.abs(x - y)).min().orElse(0)).average().orElse(0);
    }
}
