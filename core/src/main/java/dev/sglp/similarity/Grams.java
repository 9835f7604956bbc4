package dev.sglp.similarity;

import dev.sglp.data.Batch;
import dev.sglp.data.Dataset;
import dev.sglp.fault.UsageException;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.Pass;
import dev.sglp.model.Tap;
import dev.sglp.progress.Progress;
import dev.sglp.tensor.DType;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Tensors;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/// The Gram matrices `XXᵀ` of all layers on the same `n` examples, float64 `[N, n, n]`; a row of `X` is an example minus
/// the first example. It owns them; close it.
final class Grams implements Representations {
    private static final int COLUMNS = 4096; // features widened to float64 at a time
    private final Tensor all;

    private Grams(int layers, int examples) {
        all = Scope.yieldOwned(() -> Tensors.zeros(DType.F64, layers, examples, examples));
    }

    /// Of items `[from, to)` in one forward pass: nothing but the running products is kept.
    static Grams of(Cka settings, LayeredModel model, Dataset data, int from, int to) {
        var grams = new Grams(model.layers().size(), to - from);
        Scope.run(() -> forward(settings, model, data.batch(from, to), (i, rows) -> grams.add(i, rows)));
        return grams;
    }

    /// Of all items. Where they need several batches, activations of as many layers as the memory allows are kept until all
    /// examples are there, and the forward pass is repeated for the next layers.
    static Grams collect(Cka settings, LayeredModel model, Dataset data, Progress progress) {
        int n = data.size();
        int layers = model.layers().size();
        if (n <= settings.batchSize()) {
            try (var step = progress.step("CKA of %d layers".formatted(layers), n,
                    settings.features().unit())) {
                var grams = of(settings, model, data, 0, n);
                step.advance(n);
                return grams;
            }
        }
        var grams = new Grams(layers, n);
        var widths = widths(settings, model, data);
        for (int first = 0; first < layers;) {
            int last = blockEnd(widths, first, settings.memoryBytes() / ((long) Float.BYTES * n));
            grams.block(new Block(settings, model, data, first, last), widths, progress);
            first = last;
        }
        return grams;
    }

    private record Block(Cka settings, LayeredModel model, Dataset data, int first, int last) {}

    private static long[] widths(Cka settings, LayeredModel model, Dataset data) {
        var widths = new long[model.layers().size()];
        Scope.run(() -> forward(settings, model, data.batch(0, 1), (i, rows) -> widths[i] = rows.size(1)));
        return widths;
    }

    private static int blockEnd(long[] widths, int first, long columns) {
        int last = first + 1;
        for (long sum = widths[first]; last < widths.length && sum + widths[last] <= columns; last++) {
            sum += widths[last];
        }
        return last;
    }

    private void block(Block block, long[] widths, Progress progress) {
        int n = block.data.size();
        try (var _ = Scope.open();
                var step = progress.step("CKA, layers %d to %d".formatted(block.first, block.last - 1), n,
                        block.settings.features().unit())) {
            var kept = IntStream.range(block.first, block.last).mapToObj(i -> Tensors.zeros(DType.F32, n, widths[i]))
                    .toArray(Tensor[]::new);
            for (int from = 0; from < n; from += block.settings.batchSize()) {
                int start = from;
                int to = Math.min(n, from + block.settings.batchSize());
                Scope.run(() -> forward(block.settings, block.model, block.data.batch(start, to), (i, rows) -> {
                    if (block.first <= i && i < block.last) {
                        kept[i - block.first].narrow(0, start, to - start).copy_(rows);
                    }
                }));
                step.advance(to - start);
            }
            for (int i = block.first; i < block.last; i++) {
                add(i, kept[i - block.first]);
            }
        }
    }

    private interface Told {
        void rows(int layer, Tensor rows);
    }

    /// Tells each layer's rows, in a scope of their own.
    private static void forward(Cka settings, LayeredModel model, Batch batch, Told told) {
        Tap tap = (i, _, out) -> Scope.run(() -> told.rows(i, rows(settings, out, batch)));
        if (settings.features().ofText()) {
            model.body(batch.inputs(), Pass.evaluation(), tap); // no logits
        } else {
            model.forward(batch.inputs(), Pass.evaluation(), tap);
        }
    }

    /// One row an example. The order of its features does not matter: images in the order they lie in memory, channels last.
    private static Tensor rows(Cka settings, Tensor out, Batch batch) { // [B, C, H, W] or [B, T, D] → [B, d]
        return switch (settings.features()) {
            case FLAT -> (out.dim() == 4 ? out.permute(0, 2, 3, 1) : out).reshape(out.size(0), -1);
            case MEAN -> mean(out, batch);
            case RMS, RAW -> throw new UsageException(
                    "--representation %s is for text, not for images".formatted(settings.features()));
            case POOLED -> out.dim() > 2 ? out.flatten(2, -1).mean(2) : out;
        };
    }

    /// Over the real tokens of each window.
    private static Tensor mean(Tensor out, Batch batch) { // [B, T, D] → [B, D]
        if (batch.padding().isEmpty()) {
            return out.mean(1);
        }
        var real = batch.padding().get().logical_not().to(out.scalar_type()).unsqueeze(-1); // [B, T, 1]
        return out.mul(real).sum(1).div_(real.sum(1));
    }

    /// Counts every example from the first one: HSIC and distances stay the same, a large common part loses no digits, and
    /// outputs that do not vary give exactly 0.
    private void add(int layer, Tensor rows) { // [n, d]
        Scope.run(() -> {
            var gram = all.select(0, layer);
            for (long from = 0; from < rows.size(1); from += COLUMNS) {
                long at = from;
                Scope.run(() -> {
                    var wide = rows.narrow(1, at, Math.min(COLUMNS, rows.size(1) - at)).to(ScalarType.Double);
                    var x = wide.sub(wide.narrow(0, 0, 1));
                    gram.addmm_(x, x.t());
                });
            }
        });
    }

    /// Of rows that are there already, one layer's at a time: `[n, d]`.
    static Grams ofRows(int layers, int examples, java.util.function.IntFunction<Tensor> rows) {
        var grams = new Grams(layers, examples);
        for (int i = 0; i < layers; i++) {
            int layer = i;
            Scope.run(() -> grams.add(layer, rows.apply(layer)));
        }
        return grams;
    }

    @Override
    public double[][] between(Cka settings, int... items) {
        try (var _ = Scope.open()) {
            var grams = items.length == all.size(1) ? all : part(items);
            var k = settings.kernel() == Cka.Kernel.RBF ? rbf(grams, settings.bandwidth()) : grams;
            var hsic = settings.estimator() == Cka.Estimator.BIASED ? biased(k) : unbiased(k);
            var flat = Tensors.toDoubles(hsic);
            int n = Math.toIntExact(all.size(0));
            return IntStream.range(0, n).mapToObj(i -> java.util.Arrays.copyOfRange(flat, i * n, (i + 1) * n))
                    .toArray(double[][]::new);
        }
    }

    private Tensor part(int... items) { // [N, n, n] → [N, m, m]
        return Scope.yield(() -> {
            var index = Tensors.longs(IntStream.of(items).asLongStream().toArray());
            return all.index_select(1, index).index_select(2, index);
        });
    }

    /// `exp(−d² / 2σ²)` with σ a fraction of each layer's median distance; `d²` from the linear Gram.
    private static Tensor rbf(Tensor grams, double fraction) { // [N, n, n]
        var kernels = torch.empty_like(grams);
        long n = grams.size(1);
        for (long i = 0; i < grams.size(0); i++) {
            long layer = i;
            Scope.run(() -> {
                var gram = grams.select(0, layer);
                var norms = gram.diagonal();
                var squared = norms.unsqueeze(0).add(norms.unsqueeze(1)).sub(gram.mul(new Scalar(2.0)))
                        .clamp_min(new Scalar(0.0));
                var pairs = torch.triu_indices(n, n, 1, new org.bytedeco.pytorch.TensorOptions(ScalarType.Long));
                var distances = squared.flatten()
                        .index_select(0, pairs.select(0, 0).mul(new Scalar(n)).add(pairs.select(0, 1))).sqrt();
                double sigma = fraction * median(Math.toIntExact(layer), Tensors.toDoubles(distances));
                kernels.select(0, layer).copy_(squared.mul(new Scalar(-1 / (2 * sigma * sigma))).exp());
            });
        }
        return kernels;
    }

    private static double median(int layer, double[] values) {
        java.util.Arrays.sort(values);
        int middle = values.length / 2;
        double median = values.length % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
        if (!(median > 0)) {
            throw Cka.constant(layer, "median distance " + median);
        }
        return median;
    }

    /// `<HKH, HLH>` (Gretton 2005), without the factor `1/(n−1)²` that cancels in CKA.
    private static Tensor biased(Tensor k) { // [N, n, n] → [N, N]
        var rows = k.mean(new long[]{2}, true, new org.bytedeco.pytorch.ScalarTypeOptional());
        var columns = k.mean(new long[]{1}, true, new org.bytedeco.pytorch.ScalarTypeOptional());
        var grand = k.mean(new long[]{1, 2}, true, new org.bytedeco.pytorch.ScalarTypeOptional());
        var centred = k.sub(rows).sub_(columns).add_(grand).flatten(1, 2);
        return centred.mm(centred.t());
    }

    /// HSIC₁ (Song 2012, eq. 5): zero diagonals, unbiased; needs n ≥ 4.
    private static Tensor unbiased(Tensor k) { // [N, n, n] → [N, N]
        long n = k.size(1);
        var hollow = k.clone();
        hollow.diagonal(0, 1, 2).zero_();
        var sums = hollow.sum(2); // [N, n]: row sums
        var totals = sums.sum(1).unsqueeze(1); // [N, 1]
        var flat = hollow.flatten(1, 2);
        var traces = flat.mm(flat.t());
        var products = totals.mm(totals.t()).mul_(new Scalar(1.0 / ((n - 1.0) * (n - 2.0))));
        var crosses = sums.mm(sums.t()).mul_(new Scalar(2.0 / (n - 2.0)));
        return traces.add_(products).sub_(crosses).mul_(new Scalar(1.0 / (n * (n - 3.0))));
    }

    @Override
    public void close() {
        Scope.free(all);
    }
}
