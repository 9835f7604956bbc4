package dev.sglp.similarity;

import dev.sglp.data.Dataset;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.Pass;
import dev.sglp.progress.Progress;
import dev.sglp.tensor.DType;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Tensors;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/// All layers' representations of some tokens: `N` matrices `[n, d]`, float32. HSIC is found by whichever side is smaller:
/// Gram matrices `n × n` where there are fewer tokens than features, else products `d × d` of two layers at a time.
final class TokenRows implements Representations {
    private final Tensor[] layers;

    private TokenRows(Tensor[] layers) {
        this.layers = layers;
    }

    static TokenRows collect(Cka settings, LayeredModel model, Dataset data, Tokens tokens, Progress progress) {
        try (var _ = Scope.open();
                var step = progress.step(
                        "CKA of %d layers on %d tokens".formatted(model.layers().size(), tokens.count()),
                        data.size(), "windows")) {
            var kept = new Tensor[model.layers().size()];
            for (int from = 0; from < data.size(); from += settings.batchSize()) {
                int start = from;
                int to = Math.min(data.size(), from + settings.batchSize());
                int at = tokens.before(start);
                Scope.run(() -> model.body(data.batch(start, to).inputs(), Pass.evaluation(), (i, _, out) -> {
                    var rows = rows(settings, tokens, out, start, to);
                    if (kept[i] == null) {
                        kept[i] = Scope.own(Tensors.zeros(DType.F32, tokens.count(), rows.size(1)));
                    }
                    kept[i].narrow(0, at, rows.size(0)).copy_(rows);
                }));
                step.advance(to - start);
            }
            return new TokenRows(kept);
        }
    }

    private static Tensor rows(Cka settings, Tokens tokens, Tensor out, int from, int to) {
        var rows = tokens.rows(out, from, to).to(ScalarType.Float);
        return settings.features() == Cka.Features.RAW ? rows : Tokens.normalised(rows);
    }

    @Override
    public double[][] between(Cka settings, int... items) {
        long features = layers[0].size(1);
        if (settings.kernel() == Cka.Kernel.RBF || items.length <= features) {
            try (var grams = Grams.ofRows(layers.length, items.length, i -> part(layers[i], items))) {
                return grams.between(settings, IntStream.range(0, items.length).toArray());
            }
        }
        return products(settings, items);
    }

    private static Tensor part(Tensor rows, int... items) {
        return items.length == rows.size(0)
                ? rows
                : rows.index_select(0, Tensors.longs(IntStream.of(items).asLongStream().toArray()));
    }

    private double[][] products(Cka settings, int... items) {
        try (var _ = Scope.open()) {
            var hsic = new double[layers.length][layers.length];
            var sides = new Side[layers.length];
            for (int i = 0; i < layers.length; i++) {
                int layer = i;
                sides[i] = Side.of(() -> part(layers[layer], items));
                for (int j = 0; j <= i; j++) {
                    hsic[i][j] = settings.estimator() == Cka.Estimator.BIASED
                            ? sides[i].biased(sides[j])
                            : sides[i].unbiased(sides[j]);
                    hsic[j][i] = hsic[i][j];
                }
            }
            return hsic;
        }
    }

    /// A layer's centred rows and what the estimators need of them, float64. Centring changes neither estimator.
    ///
    /// @param x       `[n, d]`
    /// @param squares `‖x_r‖²`, `[n]`
    /// @param sums    row sums of the Gram matrix without its diagonal, `[n]`
    private record Side(Tensor x, Tensor squares, Tensor sums) {
        static Side of(java.util.function.Supplier<Tensor> rows) {
            var x = Scope.yield(() -> {
                var wide = rows.get().to(ScalarType.Double);
                return wide.sub(wide.mean(new long[]{0}, true, new org.bytedeco.pytorch.ScalarTypeOptional()));
            });
            var squares = Scope.yield(() -> x.mul(x).sum(1));
            var sums = Scope.yield(() -> x.mv(x.sum(0)).sub_(squares));
            return new Side(x, squares, sums);
        }

        /// `‖XᵀY‖²`
        double biased(Side y) {
            try (var _ = Scope.open()) {
                var product = x.t().mm(y.x);
                return Tensors.toDoubles(product.mul_(product).sum())[0];
            }
        }

        /// HSIC₁ (Song 2012, eq. 5) from the same products: the diagonals are subtracted.
        double unbiased(Side y) {
            double n = x.size(0);
            double trace = biased(y) - dot(squares, y.squares);
            double totals = total(sums) * total(y.sums);
            return (trace + totals / ((n - 1) * (n - 2)) - 2 / (n - 2) * dot(sums, y.sums)) / (n * (n - 3));
        }

        private static double dot(Tensor a, Tensor b) {
            try (var _ = Scope.open()) {
                return Tensors.toDoubles(torch.dot(a, b))[0];
            }
        }

        private static double total(Tensor a) {
            try (var _ = Scope.open()) {
                return Tensors.toDoubles(a.sum().mul(new Scalar(1.0)))[0];
            }
        }
    }

    @Override
    public void close() {
        for (var layer : layers) {
            Scope.free(layer);
        }
    }
}
