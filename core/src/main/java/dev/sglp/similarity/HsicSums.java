package dev.sglp.similarity;

import dev.sglp.similarity.GramTiles.Tile;
import dev.sglp.tensor.DType;
import dev.sglp.tensor.Device;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Tensors;
import java.util.Arrays;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;

/// HSIC between every two layers over some of the examples, summed tile by tile: no Gram matrix is ever whole. Each row of tiles has a sum
/// of its own until it is whole, so that blocks of rows which are told side by side give the same bits as one after the other. It
/// owns its sums; close it.
final class HsicSums implements AutoCloseable {
    private static final long[] COLUMNS = {2};
    private static final long[] ROWS = {1};

    private final int[] items;
    private final Tensor products; // <K, L>, [N, N], of the rows that are whole
    private final NavigableMap<Integer, Tensor> open = new TreeMap<>(); // of those that are not, by their first example
    private final Tensor sums; // of every row of K, [N, n]
    private final Tensor diagonals; // of K, [N, n]

    /// @param items the examples that count, ascending
    HsicSums(Device device, int layers, int... items) {
        this.items = items;
        products = Scope.yieldOwned(() -> device.zeros(DType.F64, layers, layers));
        sums = Scope.yieldOwned(() -> device.zeros(DType.F64, layers, items.length));
        diagonals = Scope.yieldOwned(() -> device.zeros(DType.F64, layers, items.length));
    }

    int examples() {
        return items.length;
    }

    /// A part of the items.
    ///
    /// @param at    its first one's place among the items
    /// @param count how many
    private record Range(int at, int count) {
        static Range of(int[] items, int from, int to) {
            int at = place(items, from);
            return new Range(at, place(items, to) - at);
        }

        private static int place(int[] items, int value) {
            int found = Arrays.binarySearch(items, value);
            return found < 0 ? -found - 1 : found;
        }

        /// Where they are in something that begins with example `from`.
        Tensor within(int[] items, int from, Device device) {
            return device.longs(IntStream.range(at, at + count).mapToLong(i -> items[i] - from).toArray());
        }
    }

    void add(Tile tile) {
        var rows = Range.of(items, tile.from(), tile.from() + tile.rows());
        var columns = Range.of(items, tile.to(), tile.to() + tile.columns());
        if (rows.count > 0 && columns.count > 0) {
            Scope.run(() -> add(tile, rows, columns));
        }
        if (tile.last() && open.containsKey(tile.from())) {
            var own = open.remove(tile.from());
            products.add_(own);
            Scope.free(own);
        }
    }

    private void add(Tile tile, Range rows, Range columns) {
        var k = tile.grams(); // [N, r, c]
        if (rows.count < tile.rows()) {
            k = k.index_select(1, rows.within(items, tile.from(), Device.of(k)));
        }
        if (columns.count < tile.columns()) {
            k = k.index_select(2, columns.within(items, tile.to(), Device.of(k)));
        }
        var flat = k.flatten(1, 2);
        open.computeIfAbsent(tile.from(), _ -> Scope.own(zeros(products)))
                .addmm_(flat, flat.t(), new Scalar(1), new Scalar(tile.diagonal() ? 1 : 2));
        sums.narrow(1, rows.at, rows.count).add_(k.sum(COLUMNS, false, new ScalarTypeOptional()));
        if (tile.diagonal()) {
            diagonals.narrow(1, rows.at, rows.count).copy_(k.diagonal(0, 1, 2));
        } else {
            sums.narrow(1, columns.at, columns.count).add_(k.sum(ROWS, false, new ScalarTypeOptional()));
        }
    }

    private static Tensor zeros(Tensor like) {
        return Device.of(like).zeros(DType.F64, like.size(0), like.size(1));
    }

    /// `[N][N]`, up to a factor that cancels in CKA.
    double[][] hsic(Cka.Estimator estimator) {
        try (var _ = Scope.open()) {
            var flat = Tensors.toDoubles(estimator.biased() ? biased() : unbiased());
            int n = Math.toIntExact(products.size(0));
            return IntStream.range(0, n).mapToObj(i -> Arrays.copyOfRange(flat, i * n, (i + 1) * n))
                    .toArray(double[][]::new);
        }
    }

    /// `<HKH, HLH>` (Gretton 2005): `<K, L> − 2/n Σ k_r l_r + (Σ k_r)(Σ l_r)/n²` with row sums `k` and `l`.
    private Tensor biased() { // [N, N]
        double n = items.length;
        var totals = sums.sum(1).unsqueeze(1); // [N, 1]
        return products.sub(sums.mm(sums.t()).mul_(new Scalar(2 / n)))
                .add_(totals.mm(totals.t()).mul_(new Scalar(1 / (n * n))));
    }

    /// HSIC₁ (Song 2012, eq. 5): zero diagonals, unbiased; needs n ≥ 4.
    private Tensor unbiased() { // [N, N]
        double n = items.length;
        var hollow = sums.sub(diagonals); // [N, n]: row sums
        var totals = hollow.sum(1).unsqueeze(1); // [N, 1]
        return products.sub(diagonals.mm(diagonals.t()))
                .add_(totals.mm(totals.t()).mul_(new Scalar(1 / ((n - 1) * (n - 2)))))
                .sub_(hollow.mm(hollow.t()).mul_(new Scalar(2 / (n - 2)))).mul_(new Scalar(1 / (n * (n - 3))));
    }

    @Override
    public void close() {
        Scope.free(products);
        open.values().forEach(Scope::free);
        open.clear();
        Scope.free(sums);
        Scope.free(diagonals);
    }
}
