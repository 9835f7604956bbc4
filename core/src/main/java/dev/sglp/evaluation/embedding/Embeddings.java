package dev.sglp.evaluation.embedding;

import dev.sglp.data.Batch;
import dev.sglp.data.Dataset;
import dev.sglp.evaluation.Readout;
import dev.sglp.evaluation.TokenPieces;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.Pass;
import dev.sglp.model.Tap;
import dev.sglp.model.wave.Wave;
import dev.sglp.progress.Progress;
import dev.sglp.tensor.Autograd;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Tensors;
import dev.sglp.tensor.Threads;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;

/// What an encoder makes of every text, or image, of a data set. Texts of one length go together, so that none is padded.
public final class Embeddings implements Readout {
    private static final int IMAGES = 32; // of a pass

    private final double[][] vectors; // of each text
    private final Optional<Agreement> agreement;

    private Embeddings(double[][] vectors, Optional<Agreement> agreement) {
        this.vectors = vectors;
        this.agreement = agreement;
    }

    /// Runs the network over the whole data set. Where the data carry embeddings, it says how far they agree.
    public static Embeddings of(LayeredModel model, Dataset data, Progress progress) {
        var vectors = new double[data.size()][];
        var targets = new double[data.size()][];
        var groups = model.layout().tokens() ? TokenPieces.ofOneWidth(data) : inOrder(data);
        try (var step = progress.step("embedding %d examples".formatted(data.size()), data.size(), "examples")) {
            Walk walk = (group, batch, last) -> {
                put(vectors, group, model.head().forward(last, Pass.evaluation()));
                if (batch.targets().is_floating_point()) {
                    put(targets, group, batch.targets());
                }
                step.advance(group.length);
            };
            through(model, data, groups, walk, step);
        }
        return new Embeddings(vectors,
                targets.length > 0 && targets[0] != null ? Optional.of(agreed(vectors, targets)) : Optional.empty());
    }

    private static List<int[]> inOrder(Dataset data) {
        return IntStream.iterate(0, from -> from < data.size(), from -> from + IMAGES)
                .mapToObj(from -> IntStream.range(from, Math.min(data.size(), from + IMAGES)).toArray()).toList();
    }

    private interface Walk {
        void of(int[] group, Batch batch, Tensor last);
    }

    private static void through(LayeredModel model, Dataset data, List<int[]> groups, Walk walk,
            Progress.Step step) {
        if (dev.sglp.model.wave.LayerSource.of(model).isPresent()) {
            Wave.each(List.of(model),
                    new Wave.Entering(groups.size(), g -> data.pick(groups.get(g)).inputs(), step::say),
                    (g, outputs) -> walk.of(groups.get(g), data.pick(groups.get(g)), outputs.getFirst()));
            return;
        }
        Threads.each(groups.size(), g -> Autograd.recording(false, () -> {
            try (var _ = Scope.open()) {
                var batch = data.pick(groups.get(g));
                walk.of(groups.get(g), batch, model.body(batch.inputs(), Pass.evaluation(), Tap.NONE));
            }
            return g;
        }));
    }

    private static void put(double[][] rows, int[] group, Tensor found) { // [B, D]
        double[] all = Tensors.toDoubles(found);
        int width = all.length / group.length;
        for (int i = 0; i < group.length; i++) {
            rows[group[i]] = java.util.Arrays.copyOfRange(all, i * width, (i + 1) * width);
        }
    }

    /// The same compared with another network's of the same texts.
    public Embeddings against(Embeddings other) {
        if (other.size() != size()) {
            throw new IllegalArgumentException(
                    "embeddings of %d and of %d texts cannot be compared".formatted(size(), other.size()));
        }
        return new Embeddings(vectors, Optional.of(agreed(vectors, other.vectors)));
    }

    private static Agreement agreed(double[][] own, double[][] others) {
        return Agreement.of(IntStream.range(0, own.length).mapToDouble(i -> cosine(own[i], others[i])).toArray());
    }

    /// NaN where one of them is nothing.
    static double cosine(double[] a, double[] b) {
        double ab = 0;
        double aa = 0;
        double bb = 0;
        for (int i = 0; i < a.length; i++) {
            ab += a[i] * b[i];
            aa += a[i] * a[i];
            bb += b[i] * b[i];
        }
        return ab / Math.sqrt(aa * bb);
    }

    /// The cosine between two of the texts.
    public double cosine(int text, int other) {
        return cosine(vectors[text], vectors[other]);
    }

    /// Of one text.
    public double[] vector(int text) {
        return vectors[text].clone();
    }

    @Override
    public int size() {
        return vectors.length;
    }

    /// No embedding is right or wrong.
    @Override
    public int right(int k) {
        return 0;
    }

    @Override
    public double loss() {
        return 1 - agreement().orElseThrow().cosine();
    }

    @Override
    public Optional<Double> perplexity() {
        return Optional.empty();
    }

    /// With itself where nothing else was asked for.
    @Override
    public Optional<Agreement> agreement() {
        return Optional.of(agreement.orElse(Agreement.WHOLE));
    }

    /// It holds no native memory.
    @Override
    public void close() {}
}
