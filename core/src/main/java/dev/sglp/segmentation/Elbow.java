package dev.sglp.segmentation;

import java.util.List;

/// The number of segments where the loss curve bends: the point farthest below the straight line between its ends, both
/// axes scaled to 1 (Satopää 2011, "Kneedle").
///
/// A criterion that weighs loss against the number of parameters (BIC) was tried first: representations drift from layer
/// to layer, so every further cut pays and it always takes the largest k on the curve. The elbow depends on where the
/// curve ends, which is therefore fixed.
public final class Elbow {
    static final String RULE = "elbow";
    private static final double FLAT = 1e-9; // squared distances between layers that count as none

    private Elbow() {}

    /// @param losses `L(N, k)` for k = 1, 2, …, falling
    /// @return k; 1 where the layers do not differ, ties to the smaller
    public static int of(List<Double> losses) {
        var below = distances(losses);
        int best = 0;
        for (int i = 1; i < below.size(); i++) {
            best = below.get(i) > below.get(best) + 1e-12 ? i : best;
        }
        return losses.size() == 2 && losses.getFirst() > FLAT ? 2 : best + 1;
    }

    /// How far each point lies below that line, in [0, 1); all 0 where the layers do not differ.
    public static List<Double> distances(List<Double> losses) {
        int last = losses.size() - 1;
        double fall = losses.getFirst() - losses.get(last);
        return java.util.stream.IntStream.rangeClosed(0, last)
                .mapToObj(i -> fall <= FLAT ? 0.0 : 1 - (double) i / last - (losses.get(i) - losses.get(last)) / fall)
                .toList();
    }
}
