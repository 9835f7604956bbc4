package dev.sglp.similarity;

import dev.sglp.data.Dataset;
import dev.sglp.fault.InputException;
import dev.sglp.fault.UsageException;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.Layout;
import dev.sglp.model.wave.LayerSource;
import dev.sglp.progress.Progress;
import dev.sglp.similarity.GramTiles.Tile;
import dev.sglp.tensor.Autograd;
import dev.sglp.tensor.Scope;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/// Centred kernel alignment between the outputs of a network's layers (Kornblith 2019, arXiv 1905.00414):
/// `CKA(X, Y) = HSIC(K, L) / √(HSIC(K, K) · HSIC(L, L))`.
///
/// @param kernel      how two examples are compared
/// @param bandwidth   of the `rbf` kernel, as a fraction of the median distance
/// @param estimator   how HSIC is estimated
/// @param representation what of an output is compared
/// @param batchSize   items a forward pass
/// @param memoryBytes about how much outputs and Gram matrices may take beside a forward pass, less where layers are read from a file
///                    and leave less: more examples than fit take more passes
public record Cka(Kernel kernel, double bandwidth, Estimator estimator, Representation representation, int batchSize,
        long memoryBytes) {
    /// What outputs and Gram matrices may take where nobody says otherwise: 1 GiB.
    public static final long MEMORY = LayerSource.OUTPUTS;

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
        MINIBATCH,
        /// The biased CKA of every 64 examples, averaged, as the authors of SGLP have it; grows as batches get smaller.
        AVERAGED;

        /// Whether batches are looked at by themselves.
        boolean batched() {
            return this == MINIBATCH || this == AVERAGED;
        }

        /// Whether HSIC of some examples is `tr(KHLH)`.
        boolean biased() {
            return this == BIASED || this == AVERAGED;
        }

        /// On how many examples it says something.
        int least() {
            return biased() ? 2 : LEAST;
        }
    }

    /// At most how many tokens stand for a text, evenly over its windows.
    public static final int MOST_TOKENS = 2048;
    private static final int LEAST = 4; // examples of the unbiased HSIC
    private static final int AVERAGED = 64; // examples of a batch that is averaged

    public Cka {
        if (!(bandwidth > 0)) {
            throw new UsageException("--cka-bandwidth is a positive fraction of the median distance, got " + bandwidth);
        }
        if (batchSize < 1) {
            throw new UsageException("--batch-size is at least 1, got " + batchSize);
        }
    }

    /// Linear, biased, on the usual representation of outputs of this layout.
    public static Cka standard(Layout layout, int batchSize) {
        return new Cka(Kernel.LINEAR, 0.5, Estimator.BIASED, Representation.usual(layout), batchSize, MEMORY);
    }

    /// The same with another estimator.
    public Cka with(Estimator other) {
        return new Cka(kernel, bandwidth, other, representation, batchSize, memoryBytes);
    }

    /// The same on another representation.
    public Cka with(Representation other) {
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

    /// @param subsets examples of `data`, each list ascending and without doubles
    /// @throws IllegalArgumentException where there are too few examples, a layer's output does not vary over them, or the
    ///                                  representation is not for this network
    public Resampled of(LayeredModel model, Dataset data, List<int[]> subsets, Progress progress) {
        return of(new Passes(model, data, Along.NOBODY), subsets, progress);
    }

    /// What is run.
    ///
    /// @param along who listens too
    public record Passes(LayeredModel model, Dataset data, Along along) {}

    /// The same among others.
    public Resampled of(Passes passes, List<int[]> subsets, Progress progress) {
        return within(passes.model).found(passes, subsets, progress);
    }

    /// The same with half of what a network that is read from its file leaves of the memory: a layer's pass takes the other half.
    private Cka within(LayeredModel model) {
        long most = LayerSource.of(model).map(LayerSource::outputs).orElse(memoryBytes);
        return new Cka(kernel, bandwidth, estimator, representation, batchSize, Math.min(memoryBytes, most));
    }

    private Resampled found(Passes passes, List<int[]> subsets, Progress progress) {
        checked(passes.model.layout());
        var examples = examplesOf(passes.data);
        check(examples.count());
        var rows = new LayerRows(passes.model, examples, representation, batchSize, passes.along);
        var parts = new ArrayList<>(subsets);
        parts.addFirst(IntStream.range(0, examples.count()).toArray());
        if (estimator.batched()) {
            parts.replaceAll(this::used);
        }
        return Autograd.recording(false, () -> {
            var hsic = estimator.batched()
                    ? minibatches(rows, parts, progress)
                    : whole(rows, parts, progress);
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
                name(estimator), examples);
    }

    private static String name(Estimator estimator) {
        return estimator.name().toLowerCase(Locale.ROOT);
    }

    /// How many examples the data holds: items, or the tokens that stand for a text.
    public int examples(Dataset data) {
        return examplesOf(data).count();
    }

    private Examples examplesOf(Dataset data) {
        var all = Examples.of(data, representation);
        return representation.tokens() ? all.evenly(MOST_TOKENS) : all;
    }

    /// Before anything is read.
    ///
    /// @throws UsageException where outputs of this layout cannot be compared so
    public Cka checked(Layout layout) {
        if (representation.checked(layout).tokens() && estimator.batched()) {
            throw new UsageException("--cka %s is for images: tokens are few enough for --cka %s".formatted(
                    name(estimator), name(estimator.biased() ? Estimator.BIASED : Estimator.UNBIASED)));
        }
        return this;
    }

    private void check(int examples) {
        int least = estimator.least();
        if (examples < least) {
            throw new UsageException(
                    "CKA needs at least %d examples, got %d. Raise --samples".formatted(least, examples));
        }
        if (estimator == Estimator.MINIBATCH && batchSize < least) {
            throw new UsageException(
                    "--cka minibatch needs at least %d examples a batch, got %d. Raise --batch-size".formatted(least,
                            batchSize));
        }
    }

    private List<double[][]> whole(LayerRows rows, List<int[]> parts, Progress progress) {
        var what = "CKA of %d layers".formatted(rows.layers());
        var tiles = new GramTiles(rows, parts.size(), memoryBytes);
        if (tiles.atOnce()) {
            return sums(rows, parts, progress, told -> tiles.each(what, progress, told));
        }
        var widths = rows.widths();
        var products = new CrossProducts(rows, memoryBytes, widths);
        return kernel == Kernel.LINEAR && estimator == Estimator.BIASED && products.pays(parts.size())
                ? products.of(what, parts, progress)
                : sums(rows, parts, progress, told -> tiles.each(what, widths, progress, told));
    }

    /// @param tiles tells every tile
    private List<double[][]> sums(LayerRows rows, List<int[]> parts, Progress progress,
            Consumer<Consumer<Tile>> tiles) {
        var widths = kernel == Kernel.RBF ? RbfWidths.of(this, rows, parts, progress) : List.<RbfWidths>of();
        var sums = parts.stream().map(items -> new HsicSums(rows.model().device(), rows.layers(), items)).toList();
        try {
            tiles.accept(tile -> {
                for (int p = 0; p < parts.size(); p++) {
                    int part = p;
                    Scope.run(() -> sums.get(part).add(widths.isEmpty() ? tile : widths.get(part).of(tile)));
                }
            });
            return sums.stream().map(sum -> sum.hsic(estimator)).toList();
        } finally {
            sums.forEach(HsicSums::close);
        }
    }

    /// The items of the batches that hold enough of them: others say nothing.
    private int[] used(int[] items) {
        int size = size();
        int[] held = new int[items.length == 0 ? 0 : items[items.length - 1] / size + 1];
        for (int item : items) {
            held[item / size]++;
        }
        return IntStream.of(items).filter(i -> held[i / size] >= estimator.least()).toArray();
    }

    /// Of a batch.
    private int size() {
        return estimator == Estimator.AVERAGED ? AVERAGED : batchSize;
    }

    /// Of every batch the items of each part. A last batch of fewer counts for less, as its estimate is less sure.
    private List<double[][]> minibatches(LayerRows rows, List<int[]> parts, Progress progress) {
        int layers = rows.layers();
        int end = parts.getFirst().length;
        int full = Math.min(size(), rows.examples().items());
        var totals = parts.stream().map(_ -> new double[layers][layers]).toList();
        try (var step = progress.step("CKA of %d layers".formatted(layers), end, "examples")) {
            for (int start = 0; start < end; start += full) {
                int from = start;
                int to = Math.min(end, from + full);
                var batch = new LayerRows(rows.model(), rows.examples().slice(from, to), representation, batchSize,
                        rows.along());
                var own = parts.stream().map(items -> IntStream.of(items).filter(i -> from <= i && i < to)
                        .map(i -> i - from).toArray()).toList();
                var held = IntStream.range(0, own.size()).filter(p -> own.get(p).length >= estimator.least())
                        .boxed().toList();
                var tiles = new GramTiles(batch, held.size(), memoryBytes);
                var found = sums(batch, held.stream().map(own::get).toList(), Progress.lines(progress),
                        told -> tiles.each("", Progress.lines(progress), told));
                for (int i = 0; i < held.size(); i++) {
                    if (estimator == Estimator.MINIBATCH || defined(found.get(i))) { // another says nothing
                        add(totals.get(held.get(i)), averaged(found.get(i)), (double) (to - from) / full);
                    } else if (to == end && !defined(totals.get(held.get(i)))) { // nor did any before
                        add(totals.get(held.get(i)), found.get(i), 1);
                    }
                }
                step.advance(to - from);
            }
        }
        return totals;
    }

    /// What is averaged over batches: HSIC, or CKA.
    private double[][] averaged(double[][] hsic) {
        return estimator == Estimator.MINIBATCH
                ? hsic
                : normalised(hsic).stream().map(row -> row.stream().mapToDouble(v -> v).toArray())
                        .toArray(double[][]::new);
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
