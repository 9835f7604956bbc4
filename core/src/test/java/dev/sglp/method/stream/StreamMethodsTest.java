package dev.sglp.method.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.sglp.Numbers;
import dev.sglp.family.Both;
import dev.sglp.family.ModelFile;
import dev.sglp.family.decoder.Pico;
import dev.sglp.fault.UsageException;
import dev.sglp.importance.BlockInfluence;
import dev.sglp.importance.ScoringTask;
import dev.sglp.importance.stream.Hearing;
import dev.sglp.importance.ScoringTask.Calibration;
import dev.sglp.ledger.Ledger;
import dev.sglp.ledger.SharedScores;
import dev.sglp.method.PlanningTask;
import dev.sglp.method.PlanningTask.Limits;
import dev.sglp.method.PlanningTask.Verification;
import dev.sglp.model.LayerSet;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.Pass;
import dev.sglp.progress.Progress;
import dev.sglp.repair.RepairTask;
import dev.sglp.repair.Scale;
import dev.sglp.segmentation.Segmentation;
import dev.sglp.segmentation.Segmentation.Segment;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Tensors;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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

    /// The block influence of networks whose layers are divided, as `--repair scale` writes them.
    @ParameterizedTest
    @CsvSource({"llama3, 0", "llama3, 3", "linear, 0", "gemma2/2b, 3"})
    void whatIsLeftIsSeenAsItWouldBeWrittenScaled(String name, int padded) throws Exception {
        var data = new Calibration(new Numbers.Counted(6, 9, padded, i -> i * i % 40), 2, 1);
        try (var both = Both.open(name, 1, 1 << 20);
                var whole = new ScaledStream(both.whole(), data, 0, _ -> {});
                var streamed = new ScaledStream(both.streamed(), data, 0, _ -> {})) {
            var model = both.whole();
            for (var removed : List.of(LayerSet.of(2), LayerSet.of(1, 2), LayerSet.of(0, 1, 2))) {
                var work = data.meter(model);
                var found = whole.influences(removed, work);
                assertThat(streamed.influences(removed, data.meter(model))).isEqualTo(found);
                var task = new RepairTask(model, removed, data.examples(), data.batchSize());
                try (var scaled = new Scale().repair(task, Progress.silent())) {
                    var kept = removed.others(model.layers().size());
                    var sets = IntStream.range(0, kept.size()).mapToObj(LayerSet::of).toList();
                    var expected = new BlockInfluence().scores(new ScoringTask(scaled.network(),
                            new Segment(0, kept.size()), sets, data, Progress.Silent.INSTANCE));
                    for (int i = 0; i < kept.size(); i++) {
                        assertThat(found[kept.get(i)]).isCloseTo(expected.get(i).value(), within(2e-3)); // but for ε
                    }
                }
            }
        }
    }

    /// The dense network once for the sizes of its stream; then what lies behind the first gap, and all from the first layer that may go on where
    /// that moves.
    @Test
    void onlyWhatChangedIsRunAgain() throws Exception {
        try (var pico = Pico.open("llama3");
                var stream = new ScaledStream(pico.model(), DATA, 0, _ -> {});
                var later = new ScaledStream(pico.model(), DATA, 1, _ -> {});
                var goingOn = new ScaledStream(pico.model(), DATA, 0, _ -> {})) {
            int layers = pico.model().layers().size();
            assertThat(ran(pico.model(), stream)).isCloseTo(layers, within(1e-6));
            assertThat(ran(pico.model(), stream, 1)).isCloseTo(layers - 1, within(1e-6));
            assertThat(ran(pico.model(), goingOn, 1)).isCloseTo(layers - 1, within(1e-6)); // the rest was told before it was stopped
            assertThat(ran(pico.model(), stream, 1, 3)).isCloseTo(layers - 3, within(1e-6));
            assertThat(ran(pico.model(), stream, 0, 1, 3)).isCloseTo(layers - 3, within(1e-6));
            assertThat(ran(pico.model(), later)).isCloseTo(layers, within(1e-6));
            assertThat(ran(pico.model(), later, 2)).isCloseTo(layers - 2, within(1e-6)); // the first layer cannot go
            assertThat(ran(pico.model(), later, 1, 2)).isCloseTo(layers - 3, within(1e-6));
        }
    }

    /// How many layers that takes.
    private static double ran(LayeredModel model, ScaledStream stream, int... removed) {
        var work = DATA.meter(model);
        stream.influences(LayerSet.of(removed), work);
        return work.forwardEquivalents() * model.macs() / model.layers().getFirst().macs();
    }

    @Test
    void aChoiceThatGoesOnRunsNothingAgain(@TempDir Path folder) throws Exception {
        var ledger = new Ledger(folder, "pico");
        try (var pico = Pico.open("llama3")) {
            var first = new PruneComp().choose(remembering(pico.model(), new SharedScores(ledger)), Progress.silent());
            var again = new SharedScores(ledger);
            var second = new PruneComp().choose(remembering(pico.model(), again), Progress.silent());
            assertThat(second).isEqualTo(first);
            assertThat(again.saved()).isPositive();
            assertThat(first.candidates().forwardEquivalents().scores()).isBetween(1.0, 3.0);
        }
    }

    private static PlanningTask remembering(LayeredModel model, SharedScores scores) {
        var plain = task(model, 3);
        return new PlanningTask(model, plain.segmentation(), plain.criterion(), 3, LayerSet.EMPTY, DATA,
                plain.verification(), plain.limits(), plain.remainder(), plain.finals(), scores::of);
    }

    @ParameterizedTest
    @CsvSource({"decoder/llama3, true", "encoder/modernbert/base, true", "encoder/bert/minilm, false",
            "family/olmo2/7b, false", "oracle/pico_resnet.safetensors, false"})
    void pruneAndCompIsForStreamsThatAreReadThroughNorms(String file, boolean fits) throws Exception {
        try (var opened = ModelFile.open(Path.of("src/test/resources", file)); var weights = opened.forReading()) {
            var task = task(opened.architecture().build(weights), 1);
            assertThat(new PruneComp().fits(task)).isEqualTo(fits);
            if (!fits) {
                assertThatThrownBy(() -> new PruneComp().choose(task, Progress.silent()))
                        .isInstanceOf(UsageException.class).hasMessageContaining("final norm");
            }
        }
    }
}
