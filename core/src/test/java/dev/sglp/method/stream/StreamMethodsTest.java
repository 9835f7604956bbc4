package dev.sglp.method.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sglp.Numbers;
import dev.sglp.family.decoder.Pico;
import dev.sglp.importance.BlockInfluence;
import dev.sglp.importance.stream.Hearing;
import dev.sglp.importance.ScoringTask.Calibration;
import dev.sglp.method.PlanningTask;
import dev.sglp.method.PlanningTask.Limits;
import dev.sglp.method.PlanningTask.Verification;
import dev.sglp.model.LayerSet;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.Pass;
import dev.sglp.progress.Progress;
import dev.sglp.segmentation.Segmentation;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

final class StreamMethodsTest {
    private static final Calibration DATA = new Calibration(new Numbers.Counted(6, 9, 0, i -> i * i % 40), 2, 1);

    private static PlanningTask task(LayeredModel model, int remove) {
        return new PlanningTask(model, new Segmentation(List.of(0, model.layers().size()), List.of(), "given"),
                new BlockInfluence(), remove, LayerSet.EMPTY, DATA,
                new Verification(DATA.examples(), Pass.evaluation()),
                new Limits(8, 0));
    }

    /// The vectors of all tokens at every place, by plain loops.
    private static List<double[][]> places(LayeredModel model) {
        var all = new ArrayList<double[][]>();
        try (var _ = Scope.open()) {
            var x = model.stem().forward(DATA.examples().batch(0, DATA.examples().size()).inputs(), Pass.evaluation());
            all.add(vectors(x));
            for (var layer : model.layers()) {
                x = layer.forward(x, Pass.evaluation());
                all.add(vectors(x));
            }
        }
        return all;
    }

    private static double[][] vectors(Tensor x) {
        var numbers = Tensors.toDoubles(x);
        int width = Math.toIntExact(x.size(-1));
        return IntStream.range(0, numbers.length / width)
                .mapToObj(i -> Arrays.copyOfRange(numbers, i * width, (i + 1) * width))
                .toArray(double[][]::new);
    }

    private static double cosine(double[] a, double[] b) {
        double dot = 0;
        double first = 0;
        double second = 0;
        for (int i = 0; i < a.length; i++) {
            dot += a[i] * b[i];
            first += a[i] * a[i];
            second += b[i] * b[i];
        }
        return dot / Math.sqrt(first * second);
    }

    private static double mean(double[][] a, double[][] b, DoubleUnaryOperator of) {
        return IntStream.range(0, a.length).mapToDouble(i -> of.applyAsDouble(cosine(a[i], b[i]))).average()
                .orElseThrow();
    }

    @Test
    void anglesAreMeansOverAllTokens() throws Exception {
        try (var pico = Pico.open("llama3")) {
            var found = DATA.reading(pico.model(), Hearing.ANGLES).angles(DATA.meter(pico.model()));
            var places = places(pico.model());
            for (int i = 0; i < places.size(); i++) {
                for (int j = 0; j < places.size(); j++) {
                    assertThat(found.cosine()[i][j]).isCloseTo(mean(places.get(i), places.get(j), c -> c),
                            within(1e-5));
                    assertThat(found.angle()[i][j]).isCloseTo(
                            mean(places.get(i), places.get(j), c -> Math.acos(Math.clamp(c, -1, 1)) / Math.PI),
                            within(1e-3)); // the arc cosine is steep at 1
                }
            }
        }
    }

    @Test
    void theRunThroughWhichTheStreamTurnsLeastGoes() throws Exception {
        try (var pico = Pico.open("llama3")) {
            var places = places(pico.model());
            int layers = pico.model().layers().size();
            for (int remove = 1; remove < layers; remove++) {
                int length = remove;
                int first = IntStream.rangeClosed(0, layers - length).boxed()
                        .min(Comparator.comparingDouble(
                                i -> mean(places.get(i), places.get(i + length), c -> Math.acos(Math.clamp(c, -1, 1)))))
                        .orElseThrow();
                assertThat(new Contiguous().choose(task(pico.model(), remove), Progress.silent()).removed().indices())
                        .isEqualTo(IntStream.range(first, first + remove).boxed().toList());
            }
        }
    }

    @Test
    void layersThatPointAlikeAreOneCluster() {
        int[] known = {0, 0, 0, 1, 1, 1, 1, 2, 2};
        var cosine = new double[known.length][known.length];
        for (int i = 0; i < known.length; i++) {
            for (int j = 0; j < known.length; j++) {
                cosine[i][j] = i == j ? 1 : known[i] == known[j] ? 0.9 : -0.8;
            }
        }
        int[] found = SpectralClusters.of(cosine, known.length, 3, 5);
        for (int i = 0; i < known.length; i++) {
            for (int j = 0; j < known.length; j++) {
                assertThat(found[i] == found[j]).as("%d and %d", i, j).isEqualTo(known[i] == known[j]);
            }
        }
    }

    /// −log₂ of the mean off the diagonal: 0.4 → 1.32, 0.55 → 0.86, 0.8 → 0.32.
    @Test
    void theMoreLocalTheLikenessTheFewerClusters() {
        assertThat(Clusters.number(uniform(0.4), 4)).isEqualTo(2);
        assertThat(Clusters.number(uniform(0.55), 4)).isEqualTo(3);
        assertThat(Clusters.number(uniform(0.8), 4)).isEqualTo(4);
    }

    private static double[][] uniform(double value) {
        var matrix = new double[4][4];
        for (int i = 0; i < 4; i++) {
            for (int j = 0; j < 4; j++) {
                matrix[i][j] = i == j ? 1 : value;
            }
        }
        return matrix;
    }

    @Test
    void clustersLeaveTheFirstAndTheLastLayer() throws Exception {
        try (var pico = Pico.open("llama3")) {
            int last = pico.model().layers().size() - 1;
            var removed = new Clusters().choose(task(pico.model(), last - 1), Progress.silent()).removed();
            assertThat(removed.indices()).isEqualTo(IntStream.range(1, last).boxed().toList());
        }
    }

    /// The first layer that goes is the one of least influence, before anything is scaled.
    @Test
    void pruneAndCompBeginsWithBlockInfluence() throws Exception {
        try (var pico = Pico.open("llama3")) {
            var places = places(pico.model());
            int least = pico.model().removable().indices().stream().min(Comparator
                    .comparingDouble(i -> 1 - mean(places.get(i), places.get(i + 1), c -> c))).orElseThrow();
            assertThat(new PruneComp().choose(task(pico.model(), 1), Progress.silent()).removed())
                    .isEqualTo(LayerSet.of(least));
            assertThat(new PruneComp().choose(task(pico.model(), 2), Progress.silent()).removed().contains(least))
                    .isTrue();
        }
    }
}
