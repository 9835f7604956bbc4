package dev.sglp.similarity;

import dev.sglp.progress.Progress;
import dev.sglp.similarity.GramTiles.Tile;
import dev.sglp.tensor.DType;
import dev.sglp.tensor.Device;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Tensors;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;

/// The RBF kernel `exp(−d² / 2σ²)`, σ a fraction of each layer's median distance.
///
/// @param sigmas σ of each layer
record RbfWidths(double... sigmas) {
    private static final int MOST = 256; // examples: 32,640 pairs

    /// One for each of these subsets of the examples. The median is taken over all pairs of its examples, or of those among 256 evenly
    /// spread ones, however much memory there is.
    static List<RbfWidths> of(Cka settings, LayerRows rows, List<int[]> parts, Progress progress) {
        int all = rows.examples().count();
        int[] sample = IntStream.range(0, all).filter(i -> Examples.even(i, all, MOST)).toArray();
        try (var _ = Scope.open()) {
            var squared = rows.model().device().zeros(DType.F64, rows.layers(), sample.length, sample.length);
            var sampled = new LayerRows(rows.model(), rows.examples().evenly(MOST), rows.representation(),
                    rows.batchSize(), Along.NOBODY);
            new GramTiles(sampled, 0, settings.memoryBytes()).each("median distances", Progress.lines(progress),
                    tile -> squared.narrow(1, tile.from(), tile.rows()).narrow(2, tile.to(), tile.columns())
                            .copy_(tile.squaredDistances()));
            return parts.stream().map(items -> of(settings.bandwidth(), squared, among(sample, items))).toList();
        }
    }

    /// The places of these items in the sample; all of it where there is no pair of them.
    private static int[] among(int[] sample, int... items) {
        int[] own = IntStream.range(0, sample.length).filter(i -> Arrays.binarySearch(items, sample[i]) >= 0)
                .toArray();
        return own.length > 1 ? own : IntStream.range(0, sample.length).toArray();
    }

    /// @param squared distances between any two of the sample, `[N, s, s]`
    private static RbfWidths of(double fraction, Tensor squared, int... items) {
        long s = squared.size(1);
        long[] pairs = IntStream.range(0, items.length).boxed()
                .flatMapToLong(i -> IntStream.range(i + 1, items.length).mapToLong(j -> items[i] * s + items[j]))
                .toArray();
        var places = Device.of(squared).longs(pairs);
        return new RbfWidths(IntStream.range(0, Math.toIntExact(squared.size(0))).mapToDouble(layer -> {
            try (var _ = Scope.open()) {
                var distances = squared.select(0, layer).flatten().index_select(0, places).sqrt_();
                return fraction * median(layer, Tensors.toDoubles(distances));
            }
        }).toArray());
    }

    private static double median(int layer, double... values) {
        Arrays.sort(values);
        int middle = values.length / 2;
        double median = values.length % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
        if (!(median > 0)) {
            throw Cka.constant(layer, "median distance " + median);
        }
        return median;
    }

    /// The same pairs by this kernel.
    Tile of(Tile linear) {
        var factors = Device.of(linear.grams()).doubles(Arrays.stream(sigmas).map(s -> -1 / (2 * s * s)).toArray(),
                sigmas.length, 1, 1);
        Tensor kernel = linear.squaredDistances().mul_(factors).exp_();
        return linear.with(kernel);
    }
}
