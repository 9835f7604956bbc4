package dev.sglp.similarity;

import dev.sglp.progress.Progress;
import dev.sglp.similarity.Cells.Cell;
import dev.sglp.tensor.DType;
import dev.sglp.tensor.Device;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/// Biased linear HSIC from products of features, `‖XᵀY‖²` over centred columns, summed batch by batch: for more examples than all
/// layers together have features.
final class CrossProducts {
    private static final int COPIES = 2; // while the centred products are squared

    private final LayerRows rows;
    private final long memoryBytes;
    private final long[] widths;

    /// @param memoryBytes about how much sums and rows may take
    /// @param widths      features of each layer
    CrossProducts(LayerRows rows, long memoryBytes, long... widths) {
        this.rows = rows;
        this.memoryBytes = memoryBytes;
        this.widths = widths;
    }

    private Device device() {
        return rows.model().device();
    }

    private long features() {
        return Arrays.stream(widths).sum();
    }

    /// Whether it takes less work than Gram matrices, and fits.
    ///
    /// @param parts subsets that are summed side by side
    boolean pays(int parts) {
        return features() < rows.examples().count() && sums(parts) <= memoryBytes;
    }

    private long sums(int parts) {
        return (parts + COPIES) * Double.BYTES * features() * features();
    }

    /// Where the batches end whose rows are kept side by side from this item on: as many as fit, at least one.
    private int togetherEnd(int from, int parts) {
        long room = (memoryBytes - sums(parts)) / (Float.BYTES * features());
        int end = rows.batchEnd(from);
        while (rows.sideBySide() && end < rows.examples().items()
                && rows.examples().count(from, rows.batchEnd(end)) <= room) {
            end = rows.batchEnd(end);
        }
        return end;
    }

    /// HSIC over each of these subsets of the examples.
    List<double[][]> of(String what, List<int[]> parts, Progress progress) {
        var sums = parts.stream().map(Sums::new).toList();
        var centres = new ArrayList<Centre>();
        int items = rows.examples().items();
        try (var step = progress.step(what, rows.examples().count(), "examples")) {
            int from = 0;
            while (from < items) {
                int start = from;
                int end = togetherEnd(from, parts.size());
                Scope.run(() -> together(start, end, kept(start, end, step::advance), centres, sums));
                from = end;
            }
        }
        centres.forEach(Centre::free);
        return sums.stream().map(Sums::hsic).toList();
    }

    /// Every layer's rows of items `[from, to)`, whole batches.
    private Tensor[] kept(int from, int to, IntConsumer ran) {
        var own = new Cell(rows.examples().before(from), rows.examples().before(to));
        var kept = rows.none(own, widths);
        rows.keep(own, kept, ran, (_, _, _) -> {});
        return kept;
    }

    /// Batch by batch.
    ///
    /// @param kept rows of every layer of items `[from, to)`
    private void together(int from, int to, Tensor[] kept, List<Centre> centres, List<Sums> sums) {
        int first = rows.examples().before(from);
        for (int start = from; start < to; start = rows.batchEnd(start)) {
            int at = rows.examples().before(start);
            int count = rows.examples().before(rows.batchEnd(start)) - at;
            if (count > 0) {
                var all = Arrays.stream(kept).map(layer -> layer.narrow(0, at - first, count)).toArray(Tensor[]::new);
                if (centres.isEmpty()) {
                    Arrays.stream(all).map(Centre::of).forEach(centres::add);
                }
                Scope.run(() -> add(at, all, centres, sums));
            }
        }
    }

    /// @param at  the first row's example
    /// @param all rows of every layer, `[b, d]`
    private static void add(int at, Tensor[] all, List<Centre> centres, List<Sums> sums) {
        var wide = IntStream.range(0, all.length)
                .mapToObj(i -> all[i].to(ScalarType.Double).sub_(centres.get(i).row())).toArray(Tensor[]::new);
        var x = torch.cat(new TensorVector(wide), 1); // [b, F]
        sums.forEach(sum -> Scope.run(() -> sum.add(x, at)));
    }

    /// Of one subset.
    private final class Sums {
        private final int[] items;
        private final Tensor products = Scope.yieldOwned(() -> device().zeros(DType.F64, features(), features()));
        private final Tensor totals = Scope.yieldOwned(() -> device().zeros(DType.F64, features(), 1));

        Sums(int... items) {
            this.items = items;
        }

        /// @param x     `[b, F]`
        /// @param first its first row's example
        void add(Tensor x, int first) {
            long[] own = IntStream.of(items).filter(i -> first <= i && i < first + x.size(0)).mapToLong(i -> i - first)
                    .toArray();
            if (own.length > 0) {
                var part = own.length == x.size(0) ? x : x.index_select(0, device().longs(own));
                products.addmm_(part.t(), part);
                totals.add_(part.sum(new long[]{0}, false, new ScalarTypeOptional()).unsqueeze(1));
            }
        }

        double[][] hsic() {
            try (var _ = Scope.open()) {
                products.addmm_(totals, totals.t(), new Scalar(1), new Scalar(-1.0 / items.length));
                var blocks = device().zeros(DType.F64, rows.layers(), features()); // which features are whose
                long at = 0;
                for (int i = 0; i < rows.layers(); at += widths[i++]) {
                    blocks.select(0, i).narrow(0, at, widths[i]).fill_(new Scalar(1.0));
                }
                var flat = Tensors.toDoubles(blocks.mm(products.square_()).mm(blocks.t()));
                return IntStream.range(0, rows.layers())
                        .mapToObj(i -> Arrays.copyOfRange(flat, i * rows.layers(), (i + 1) * rows.layers()))
                        .toArray(double[][]::new);
            } finally {
                Scope.free(products);
                Scope.free(totals);
            }
        }
    }
}
