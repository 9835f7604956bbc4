package dev.sglp.importance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sglp.Numbers;
import dev.sglp.data.Batch;
import dev.sglp.family.ModelFile;
import dev.sglp.importance.ScoringTask.Calibration;
import dev.sglp.model.LayerSet;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.Pass;
import dev.sglp.progress.Progress;
import dev.sglp.segmentation.Segmentation.Segment;
import dev.sglp.tensor.Autograd;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Seed;
import dev.sglp.tensor.Tensors;
import dev.sglp.tensor.Threads;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// GradNorm of language models, part by part and with a head in pieces, against plain autograd on the whole network.
final class TextGradNormTest {
    private static final List<LayerSet> CANDIDATES = List.of(LayerSet.of(1), LayerSet.of(2), LayerSet.of(1, 2));
    private static final Segment SEGMENT = new Segment(1, 3);

    /// Windows of pseudo-random tokens; the last position of each predicts nothing.
    private record Windows(int size, int length, int vocabulary) implements Numbers {
        @Override
        public Batch batch(int from, int to) {
            int rows = to - from;
            var ids = new long[rows * length];
            var next = new long[ids.length];
            for (int i = 0; i < ids.length; i++) {
                ids[i] = token(from * length + i);
                next[i] = (i + 1) % length == 0 ? Batch.NO_TARGET : token(from * length + i + 1);
            }
            return new Batch(Tensors.longs(ids).view(rows, length), Tensors.longs(next).view(rows, length));
        }

        private long token(int at) {
            return Math.floorMod(at * 2654435761L >>> 7, (long) vocabulary);
        }
    }

    private static double[] scores(LayeredModel model, Calibration data, GradNorm criterion) {
        return criterion.scores(new ScoringTask(model, SEGMENT, CANDIDATES, data, Progress.Silent.INSTANCE)).stream()
                .mapToDouble(Criterion.Score::value).toArray();
    }

    /// One batch, where every gradient is reduced as soon as it exists, and several, where gradients are summed first; a tied
    /// head (qwen2) and one that is not; so few tokens that no matrix' gradient is made.
    @ParameterizedTest
    @CsvSource({"llama3,4,9,4", "llama3,4,9,2", "qwen2,4,9,4", "qwen2,4,9,3", "qwen3,4,9,4", "llama3,1,5,1",
            "qwen2,1,5,1", "qwen3,1,5,1"})
    void itIsTheSumOfTheNormsThatAutogradGives(String name, int windows, int length, int batchSize)
            throws IOException {
        try (var file = ModelFile.open(Path.of("src/test/resources/decoder", name));
                var weights = file.forReading();
                var _ = Scope.open()) {
            var model = file.architecture().build(weights);
            var data = new Windows(windows, length, file.architecture().classes());
            var got = scores(model, new Calibration(data, batchSize, 1), GradNorm.skipping());
            for (int i = 0; i < CANDIDATES.size(); i++) {
                double expected = whole(model, CANDIDATES.get(i), data.batch(0, windows));
                assertThat(got[i]).isCloseTo(expected, within(1e-4 * expected));
            }
            assertThat(model.parameters().values()).noneMatch(p -> p.grad().defined());
        }
    }

    /// Norms of the tensors that every candidate keeps, from one graph over the whole network.
    private static double whole(LayeredModel model, LayerSet absent, Batch batch) {
        var kept = model.without(LayerSet.of(1, 2)).parameters().values();
        return Arrays.stream(norms(model.without(absent), kept, batch)).sum();
    }

    /// The norm of the gradient of each of these tensors, from one graph over the whole network.
    private static double[] norms(LayeredModel model, Collection<Tensor> counted, Batch batch) {
        var all = new ArrayList<>(model.parameters().values());
        all.forEach(p -> p.set_requires_grad(true));
        var loss = Autograd.recording(true, () -> model.objective()
                .loss(model.head().forward(hidden(model, batch), Pass.evaluation()), batch.targets()));
        var gradients = Autograd.product(loss, torch.ones_like(loss), all, false);
        all.forEach(p -> p.set_requires_grad(false));
        var ids = counted.stream().map(Tensors::identity).collect(Collectors.toSet());
        return IntStream.range(0, all.size()).filter(i -> ids.contains(Tensors.identity(all.get(i))))
                .mapToDouble(i -> Tensors.toDoubles(gradients[i].norm())[0]).toArray();
    }

    /// Every norm over every range, read both ways, of one draw and of three, in one batch and in two.
    @ParameterizedTest
    @ValueSource(strings = {"llama3", "qwen2", "qwen3"})
    void layersDrawnAnewScoreWhatAutogradGives(String name) throws IOException {
        try (var file = ModelFile.open(Path.of("src/test/resources/decoder", name));
                var weights = file.forReading();
                var _ = Scope.open()) {
            var model = file.architecture().build(weights);
            var data = new Windows(4, 9, file.architecture().classes());
            for (var criterion : everyReinitialised()) {
                var expected = CANDIDATES.stream().map(set -> drawn(model, set, data.batch(0, 4), criterion)).toList();
                for (int batchSize : new int[]{4, 3}) {
                    var got = criterion.scores(new ScoringTask(model, SEGMENT, CANDIDATES,
                            new Calibration(data, batchSize, 5), Progress.Silent.INSTANCE));
                    for (int i = 0; i < got.size(); i++) {
                        double value = expected.get(i).value();
                        assertThat(got.get(i).value()).as("%s, batches of %d", criterion, batchSize)
                                .isCloseTo(value, within(1e-5 * Math.abs(value)));
                        assertThat(got.get(i).spread()).isCloseTo(expected.get(i).spread(),
                                within(1e-5 * Math.abs(value)));
                    }
                }
            }
        }
    }

    private static List<GradNorm> everyReinitialised() {
        var all = new ArrayList<GradNorm>();
        for (var reading : GradNorm.Reading.values()) {
            for (var norm : GradNorm.Norm.values()) {
                for (var range : GradNorm.Range.values()) {
                    for (int draws : new int[]{1, 3}) {
                        all.add(new GradNorm(GradNorm.Absence.REINIT, reading, norm, range, draws));
                    }
                }
            }
        }
        return all;
    }

    /// The definition: mean and standard deviation over the draws of the norm over the counted tensors of a network whose absent
    /// layers have random weights.
    private static Criterion.Score drawn(LayeredModel model, LayerSet absent, Batch batch, GradNorm criterion) {
        var values = IntStream.range(0, criterion.draws()).mapToDouble(draw -> {
            var layers = new ArrayList<>(model.layers());
            absent.indices().forEach(i -> layers.set(i, layers.get(i).reinitialised(Seed.of(5).draw(draw))));
            var random = model.with(layers);
            var counted = criterion.scope() == GradNorm.Range.ALL
                    ? random.parameters().values()
                    : layers.subList(SEGMENT.from(), SEGMENT.to()).stream()
                            .flatMap(layer -> layer.parameters().values().stream()).toList();
            var norms = Arrays.stream(norms(random, counted, batch));
            return criterion.norm() == GradNorm.Norm.SUM ? norms.sum() : Math.sqrt(norms.map(x -> x * x).sum());
        }).toArray();
        double mean = Arrays.stream(values).average().orElseThrow();
        double variance = Arrays.stream(values).map(x -> (x - mean) * (x - mean)).sum()
                / Math.max(1, values.length - 1);
        return new Criterion.Score(criterion.reading() == GradNorm.Reading.ABSENT ? mean : -mean, Math.sqrt(variance));
    }

    private static Tensor hidden(LayeredModel model, Batch batch) {
        var h = model.stem().forward(batch.inputs(), Pass.evaluation());
        for (var layer : model.layers()) {
            h = layer.forward(h, Pass.evaluation());
        }
        return h;
    }

    @ParameterizedTest
    @CsvSource({"llama3", "qwen2"})
    void bfloat16IsNearFloat32AndLeavesTheWeightsAlone(String name) throws IOException {
        try (var file = ModelFile.open(Path.of("src/test/resources/decoder", name)); var weights = file.forReading()) {
            var model = file.architecture().build(weights);
            var data = new Calibration(new Windows(4, 9, file.architecture().classes()), 4, 1);
            var exact = scores(model, data, GradNorm.skipping());
            var rough = scores(model, data, GradNorm.skipping().in(Pass.Precision.BFLOAT16));
            for (int i = 0; i < exact.length; i++) {
                assertThat(rough[i]).isCloseTo(exact[i], within(0.03 * exact[i])).isNotEqualTo(exact[i]);
            }
            assertThat(scores(model, data, GradNorm.skipping())).isEqualTo(exact);
        }
    }

    @ParameterizedTest
    @CsvSource({"llama3, 4, 1", "llama3, 4, 2", "qwen2, 2, 4"})
    void candidatesScoredSideBySideScoreTheSame(String name, int batchSize, int threads) throws IOException {
        int before = Threads.count();
        try (var file = ModelFile.open(Path.of("src/test/resources/decoder", name)); var weights = file.forReading()) {
            var model = file.architecture().build(weights);
            var data = new Calibration(new Windows(4, 9, file.architecture().classes()), batchSize, 1);
            for (var criterion : List.of(GradNorm.standard(), GradNorm.skipping())) {
                var alone = Threads.alone(() -> scores(model, data, criterion));
                Threads.use(threads);
                assertThat(scores(model, data, criterion)).isEqualTo(alone);
            }
        } finally {
            Threads.use(before);
        }
    }
}
