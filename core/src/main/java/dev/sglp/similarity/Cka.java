package dev.sglp.similarity;

import dev.sglp.data.Dataset;
import dev.sglp.fault.InputException;
import dev.sglp.fault.UsageException;
import dev.sglp.model.LayeredModel;
import dev.sglp.progress.Progress;
import dev.sglp.tensor.Autograd;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/// Centred kernel alignment between the outputs of a network's layers (Kornblith 2019, arXiv 1905.00414):
/// `CKA(X, Y) = HSIC(K, L) / √(HSIC(K, K) · HSIC(L, L))`.
///
/// @param kernel      how two examples are compared
/// @param bandwidth   of the `rbf` kernel, as a fraction of the median distance
/// @param estimator   how HSIC is estimated
/// @param features    what of an output is compared
/// @param batchSize   examples a forward pass
/// @param memoryBytes how many bytes of activations may be kept at a time; more layers mean more forward passes
public record Cka(Kernel kernel, double bandwidth, Estimator estimator, Features features, int batchSize,
        long memoryBytes) {

    /// How two examples are compared.
    public enum Kernel {
        LINEAR, RBF
    }

    /// How HSIC is estimated.
    public enum Estimator {
        /// Exact on the whole calibration set, `tr(KHLH)`; grows where there are far fewer examples than features.
        BIASED,
        /// Exact on the whole set without the bias (Song 2012); may leave [0, 1].
        UNBIASED,
        /// The unbiased HSIC averaged over minibatches, then divided (Nguyen 2021, arXiv 2010.15327). A last batch of
        /// fewer than four examples is left out.
        MINIBATCH
    }

    /// What of an output is compared: of images `[B, C, H, W]`, of text `[B, T, D]`.
    public enum Features {
        /// All of it, `[B, C·H·W]`.
        FLAT,
        /// Its average over space, `[B, C]`.
        POOLED,
        /// Of text, an example is a token: its vector divided by its root mean square, `[n, D]`.
        RMS,
        /// Of text: a token's vector as it is.
        RAW,
        /// Of text, an example is a window: the mean of its tokens' vectors, `[B, D]`.
        MEAN;

        /// Whether an example is a token.
        public boolean tokens() {
            return this == RMS || this == RAW;
        }

        /// What people call the items.
        String unit() {
            return ofText() ? "windows" : "images";
        }

        /// Whether it is for text.
        public boolean ofText() {
            return tokens() || this == MEAN;
        }
    }

    /// At most how many tokens stand for a text, evenly over its windows.
    public static final int MOST_TOKENS = 2048;
    private static final int LEAST = 4; // examples of the unbiased HSIC

    public Cka {
        if (!(bandwidth > 0)) {
            throw new UsageException("--cka-bandwidth is a positive fraction of the median distance, got " + bandwidth);
        }
        if (batchSize < 1) {
            throw new UsageException("--batch-size is at least 1, got " + batchSize);
        }
    }

    /// Linear, biased, on flattened outputs; keeps at most 1 GiB of activations.
    public static Cka standard(int batchSize) {
        return new Cka(Kernel.LINEAR, 0.5, Estimator.BIASED, Features.FLAT, batchSize, 1L << 30);
    }

    /// Linear, biased, on the tokens of a text, each divided by its root mean square.
    public static Cka ofTokens(int batchSize) {
        return new Cka(Kernel.LINEAR, 0.5, Estimator.BIASED, Features.RMS, batchSize, 1L << 30);
    }

    /// The same with another estimator.
    public Cka with(Estimator other) {
        return new Cka(kernel, bandwidth, other, features, batchSize, memoryBytes);
    }

    /// The same on other features.
    public Cka with(Features other) {
        return new Cka(kernel, bandwidth, estimator, other, batchSize, memoryBytes);
    }

    /// The matrix of all layers of `model` on all examples of `data`.
    ///
    /// @throws IllegalArgumentException where there are too few examples or a layer's output does not vary over them
    public SimilarityMatrix of(LayeredModel model, Dataset data, Progress progress) {
        return of(model, data, List.of(), progress).whole();
    }

    /// The matrix on all examples and on each of some subsets of them, from the same forward passes: a subset's Gram
    /// matrices are rows and columns of the whole ones.
    ///
    /// @param whole   on all examples
    /// @param subsets on each subset, in order, but for those on which it is undefined: too few examples of a batch, or a
    ///                layer whose output does not vary over them
    public record Resampled(SimilarityMatrix whole, List<SimilarityMatrix> subsets) {
        public Resampled {
            subsets = List.copyOf(subsets);
        }
    }

    /// @param subsets items of `data`, each list ascending and without doubles
    /// @throws IllegalArgumentException where there are too few examples or a layer's output does not vary over them
    public Resampled of(LayeredModel model, Dataset data, List<int[]> subsets, Progress progress) {
        check(data);
        var parts = new ArrayList<>(subsets);
        parts.addFirst(IntStream.range(0, examples(data)).toArray());
        if (estimator == Estimator.MINIBATCH) {
            parts.replaceAll(this::used);
        }
        return Autograd.recording(false, () -> {
            var hsic = estimator == Estimator.MINIBATCH
                    ? minibatches(model, data, parts, progress)
                    : whole(model, data, parts, progress);
            var resampled = IntStream.range(1, hsic.size()).filter(i -> defined(hsic.get(i)))
                    .mapToObj(i -> matrix(hsic.get(i), parts.get(i).length)).toList();
            return new Resampled(matrix(hsic.getFirst(), parts.getFirst().length), resampled);
        });
    }

    private static boolean defined(double[][] hsic) {
        return IntStream.range(0, hsic.length).allMatch(i -> hsic[i][i] > 0);
    }

    private SimilarityMatrix matrix(double[][] hsic, int examples) {
        return new SimilarityMatrix(normalised(hsic), kernel.name().toLowerCase(Locale.ROOT),
                estimator.name().toLowerCase(Locale.ROOT), examples);
    }

    /// How many examples the data holds: images, or the tokens that stand for a text.
    public int examples(Dataset data) {
        return features.tokens() ? Tokens.of(data, MOST_TOKENS).count() : data.size();
    }

    private void check(Dataset data) {
        int least = estimator == Estimator.BIASED ? 2 : LEAST;
        if (examples(data) < least) {
            throw new UsageException(
                    "CKA needs at least %d examples, got %d. Raise --samples".formatted(least, examples(data)));
        }
        if (estimator == Estimator.MINIBATCH && features.tokens()) {
            throw new UsageException(
                    "--cka minibatch is for images: tokens are few enough for --cka unbiased");
        }
        if (estimator == Estimator.MINIBATCH && batchSize < least) {
            throw new UsageException(
                    "--cka minibatch needs at least %d examples a batch, got %d. Raise --batch-size".formatted(least,
                            batchSize));
        }
    }

    private List<double[][]> whole(LayeredModel model, Dataset data, List<int[]> parts, Progress progress) {
        try (Representations representations = features.tokens()
                ? TokenRows.collect(this, model, data, Tokens.of(data, MOST_TOKENS), progress)
                : Grams.collect(this, model, data, progress)) {
            return parts.stream().map(items -> representations.between(this, items)).toList();
        }
    }

    /// The items of the batches that hold enough of them: others say nothing.
    private int[] used(int[] items) {
        int[] held = new int[items.length == 0 ? 0 : items[items.length - 1] / batchSize + 1];
        for (int item : items) {
            held[item / batchSize]++;
        }
        return IntStream.of(items).filter(i -> held[i / batchSize] >= LEAST).toArray();
    }

    /// Of every batch the items of each part. A last batch of fewer counts for less, as its estimate is less sure.
    private List<double[][]> minibatches(LayeredModel model, Dataset data, List<int[]> parts, Progress progress) {
        int full = Math.min(batchSize, data.size());
        int end = parts.getFirst().length;
        int layers = model.layers().size();
        var sums = parts.stream().map(_ -> new double[layers][layers]).toList();
        try (var step = progress.step("CKA of %d layers".formatted(layers), end, "images")) {
            for (int start = 0; start < end; start += full) {
                int from = start;
                int to = Math.min(end, from + full);
                try (var grams = Grams.of(this, model, data, from, to)) {
                    for (int p = 0; p < parts.size(); p++) {
                        var items = IntStream.of(parts.get(p)).filter(i -> from <= i && i < to).map(i -> i - from)
                                .toArray();
                        if (items.length >= LEAST) {
                            add(sums.get(p), grams.between(this, items), (double) (to - from) / full);
                        }
                    }
                }
                step.advance(to - from);
            }
        }
        return sums;
    }

    private static void add(double[][] sum, double[][] more, double weight) {
        for (int i = 0; i < sum.length; i++) {
            for (int j = 0; j < sum.length; j++) {
                sum[i][j] += weight * more[i][j];
            }
        }
    }

    static List<List<Double>> normalised(double[][] hsic) {
        var rows = new ArrayList<List<Double>>();
        for (int i = 0; i < hsic.length; i++) {
            if (!(hsic[i][i] > 0)) {
                throw constant(i, "HSIC %.3g".formatted(hsic[i][i]));
            }
            var row = new ArrayList<Double>();
            for (int j = 0; j < hsic.length; j++) {
                row.add(i == j ? 1.0 : hsic[i][j] / Math.sqrt(hsic[i][i] * hsic[j][j]));
            }
            rows.add(row);
        }
        return rows;
    }

    static InputException constant(int layer, String measured) {
        return new InputException(
                "CKA of layer %d is undefined: its output does not vary over the calibration examples (%s). Maybe the weights are broken, or there are too few --samples"
                        .formatted(layer, measured));
    }
}
