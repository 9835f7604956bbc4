package dev.sglp.similarity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.sglp.Oracle;
import dev.sglp.Scoped;
import dev.sglp.TinyNetwork;
import dev.sglp.data.Dataset;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.Layout;
import dev.sglp.model.Pass;
import dev.sglp.model.SignalNetwork;
import dev.sglp.progress.Progress;
import dev.sglp.similarity.Cka.Estimator;

import dev.sglp.similarity.Cka.Kernel;
import dev.sglp.tensor.DType;
import dev.sglp.tensor.Seed;
import dev.sglp.tensor.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Centred kernel alignment against its definitions and its properties.
@ExtendWith(Scoped.class)
final class CkaTest {
    private static final int D = 6;

    private static Dataset examples(int n, long seed) {
        return data(Seed.of(seed).normal("examples", 1, n, D));
    }

    private static Dataset data(Tensor inputs) {
        return new Oracle.Items(inputs, Tensors.longs(new long[Math.toIntExact(inputs.size(0))]), List.of("a", "b"));
    }

    private static Cka cka(Kernel kernel, Estimator estimator, int batchSize) {
        return new Cka(kernel, 0.5, estimator, Representation.FLAT, batchSize, 1 << 20);
    }

    private static SimilarityMatrix of(Cka cka, LayeredModel model, Dataset data) {
        return cka.of(model, data, Progress.silent());
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void theMatrixIsSymmetricWithOnesAndBetweenZeroAndOne(long seed) {
        for (var kernel : Kernel.values()) {
            var m = of(cka(kernel, Estimator.BIASED, 20), TinyNetwork.random(5, D, seed), examples(20, seed));
            for (int i = 0; i < 5; i++) {
                assertThat(m.get(i, i)).isEqualTo(1);
                for (int j = 0; j < 5; j++) {
                    assertThat(m.get(i, j)).isBetween(0.0, 1.0).isCloseTo(m.get(j, i), within(1e-12));
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"LINEAR, BIASED", "LINEAR, UNBIASED", "RBF, BIASED", "RBF, UNBIASED"})
    void rotatingAndScalingALayerChangesNothing(Kernel kernel, Estimator estimator) {
        var a = Seed.of(1).normal("a", 1, D, D);
        var rotation = rotation(2);
        var b = rotation.mul(new Scalar(-7.5)); // layer 1 = layer 0 rotated, mirrored and scaled
        var m = of(cka(kernel, estimator, 12), TinyNetwork.of(List.of(a, b, Seed.of(3).normal("c", 1, D, D))),
                examples(12, 1));
        assertThat(m.get(0, 1)).isCloseTo(1, within(1e-5));
        assertThat(m.get(0, 2)).isCloseTo(m.get(1, 2), within(1e-5)).isLessThan(0.99);
    }

    /// The orthogonal factor of a random matrix, by Gram-Schmidt.
    private static Tensor rotation(long seed) {
        var x = Tensors.toDoubles(Seed.of(seed).normal("rotation", 1, D, D));
        for (int i = 0; i < D; i++) {
            for (int j = 0; j < i; j++) {
                double dot = 0;
                for (int c = 0; c < D; c++) {
                    dot += x[i * D + c] * x[j * D + c];
                }
                for (int c = 0; c < D; c++) {
                    x[i * D + c] -= dot * x[j * D + c];
                }
            }
            double norm = Math.sqrt(Arrays.stream(x, i * D, (i + 1) * D).map(v -> v * v).sum());
            for (int c = 0; c < D; c++) {
                x[i * D + c] /= norm;
            }
        }
        return Tensors.doubles(x, D, D).to(torch.ScalarType.Float);
    }

    @ParameterizedTest
    @CsvSource({"LINEAR, BIASED", "LINEAR, UNBIASED", "RBF, BIASED", "RBF, UNBIASED"})
    void itIsTheDefinitionOnFiveExamples(Kernel kernel, Estimator estimator) {
        var model = TinyNetwork.random(4, D, 7);
        var data = examples(5, 7);
        var m = of(cka(kernel, estimator, 5), model, data);
        var kernels = outputs(model, data, 0, 5).stream()
                .map(x -> kernel == Kernel.LINEAR ? Hsic.linear(x) : Hsic.rbf(x, 0.5)).toList();
        check(m, (i, j) -> estimator == Estimator.BIASED
                ? Hsic.biased(kernels.get(i), kernels.get(j))
                : Hsic.unbiased(kernels.get(i), kernels.get(j)), 1e-6);
    }

    private interface Pairs {
        double of(int i, int j);
    }

    private static void check(SimilarityMatrix m, Pairs hsic, double tolerance) {
        for (int i = 0; i < m.size(); i++) {
            for (int j = 0; j < m.size(); j++) {
                assertThat(m.get(i, j)).as("%d, %d", i, j).isCloseTo(
                        hsic.of(i, j) / Math.sqrt(hsic.of(i, i) * hsic.of(j, j)), within(tolerance));
            }
        }
    }

    /// Every layer's output for items `[from, to)`, one row an example.
    private static List<double[][]> outputs(LayeredModel model, Dataset data, int from, int to) {
        var all = new ArrayList<double[][]>();
        model.forward(data.batch(from, to).inputs(), Pass.evaluation(), (_, _, out) -> {
            var flat = Tensors.toDoubles(out);
            int d = flat.length / (to - from);
            var rows = new double[to - from][];
            Arrays.setAll(rows, i -> Arrays.copyOfRange(flat, i * d, (i + 1) * d));
            all.add(rows);
        });
        return all;
    }

    /// `‖YᵀX‖² / (‖XᵀX‖ ‖YᵀY‖)` over centred columns is the same number.
    @Test
    void gramsAndCrossProductsAgree() {
        var model = TinyNetwork.random(4, D, 9);
        var data = examples(30, 9);
        var m = of(cka(Kernel.LINEAR, Estimator.BIASED, 7), model, data);
        var x = outputs(model, data, 0, 30).stream().map(CkaTest::centred).toList();
        check(m, (i, j) -> crossProduct(x.get(i), x.get(j)), 1e-6);
    }

    private static double[][] centred(double[][] x) {
        var means = new double[x[0].length];
        Arrays.setAll(means, c -> Arrays.stream(x).mapToDouble(row -> row[c]).average().orElseThrow());
        return Arrays.stream(x).map(row -> IntStream.range(0, row.length).mapToDouble(c -> row[c] - means[c]).toArray())
                .toArray(double[][]::new);
    }

    private static double crossProduct(double[][] x, double[][] y) {
        double sum = 0;
        for (int a = 0; a < x[0].length; a++) {
            for (int b = 0; b < y[0].length; b++) {
                double cross = 0;
                for (int i = 0; i < x.length; i++) {
                    cross += x[i][a] * y[i][b];
                }
                sum += cross * cross;
            }
        }
        return sum;
    }

    /// Eleven examples in batches of four: the rest of three is left out.
    @Test
    void minibatchesAverageTheThreeHsicsAndThenDivide() {
        var model = TinyNetwork.random(3, D, 11);
        var data = examples(11, 11);
        var m = of(cka(Kernel.LINEAR, Estimator.MINIBATCH, 4), model, data);
        var first = outputs(model, data, 0, 4).stream().map(Hsic::linear).toList();
        var second = outputs(model, data, 4, 8).stream().map(Hsic::linear).toList();
        check(m, (i, j) -> (Hsic.unbiased(first.get(i), first.get(j)) + Hsic.unbiased(second.get(i), second.get(j)))
                / 2, 1e-6);
        assertThat(m.estimator()).isEqualTo("minibatch");
        assertThat(m.examples()).as("three items say nothing alone").isEqualTo(8);
    }

    @Test
    void aLastBatchOfAtLeastFourCountsByItsItems() {
        var model = TinyNetwork.random(3, D, 11);
        var data = examples(12, 11);
        var m = of(cka(Kernel.LINEAR, Estimator.MINIBATCH, 8), model, data);
        var first = outputs(model, data, 0, 8).stream().map(Hsic::linear).toList();
        var rest = outputs(model, data, 8, 12).stream().map(Hsic::linear).toList();
        check(m, (i, j) -> Hsic.unbiased(first.get(i), first.get(j)) + Hsic.unbiased(rest.get(i), rest.get(j)) / 2,
                1e-6);
        assertThat(m.examples()).isEqualTo(12);
    }

    @ParameterizedTest
    @EnumSource(Kernel.class)
    void smallBatchesAndLittleMemoryChangeNothing(Kernel kernel) {
        var model = TinyNetwork.random(5, D, 13);
        var data = examples(23, 13);
        var whole = of(cka(kernel, Estimator.BIASED, 23), model, data);
        var pieces = of(new Cka(kernel, 0.5, Estimator.BIASED, Representation.FLAT, 4, 1), model, data);
        for (int i = 0; i < 5; i++) {
            for (int j = 0; j < 5; j++) {
                assertThat(pieces.get(i, j)).isCloseTo(whole.get(i, j), within(1e-6));
            }
        }
    }

    @Test
    void aLayerThatSaysTheSameOfEveryExampleIsAClearError() {
        var constant = TinyNetwork.of(List.of(Seed.of(1).normal("a", 1, D, D), Tensors.zeros(DType.F32, D, D)));
        for (var estimator : Estimator.values()) {
            for (var kernel : Kernel.values()) {
                assertThatThrownBy(() -> of(cka(kernel, estimator, 8), constant, examples(8, 1)))
                        .as("%s %s", kernel, estimator).isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("layer 1").hasMessageContaining("--samples");
            }
        }
    }

    /// The rounding of their mean must not pass for variation.
    @ParameterizedTest
    @ValueSource(ints = {7, 10, 13})
    void equalExamplesWithLargeValuesDoNotVaryEither(int n) {
        var model = TinyNetwork.random(2, D, 1);
        var same = data(Tensors.ones(DType.F32, n, D).mul(new Scalar(1e3 / 3)));
        for (var estimator : Estimator.values()) {
            assertThatThrownBy(() -> of(cka(Kernel.LINEAR, estimator, n), model, same)).as("%s", estimator)
                    .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("layer 0");
        }
    }

    @ParameterizedTest
    @EnumSource(Estimator.class)
    void aLargeCommonPartDoesNotDrownTheDifferences(Estimator estimator) {
        var model = TinyNetwork.random(3, D, 5);
        var x = Seed.of(5).normal("examples", 1, 8, D);
        var far = of(cka(Kernel.LINEAR, estimator, 8), model, data(x.add(new Scalar(1000.0))));
        var near = of(cka(Kernel.LINEAR, estimator, 8), model, data(x));
        for (int i = 0; i < 3; i++) {
            for (int j = 0; j < 3; j++) {
                assertThat(far.get(i, j)).isCloseTo(near.get(i, j), within(1e-3));
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"BIASED, 1", "UNBIASED, 3", "MINIBATCH, 3"})
    void tooFewExamplesNameTheFlag(Estimator estimator, int n) {
        assertThatThrownBy(() -> of(cka(Kernel.LINEAR, estimator, 8), TinyNetwork.random(2, D, 1), examples(n, 1)))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("--samples")
                .hasMessageContaining("got " + n);
    }

    @Test
    void minibatchesOfFewerThanFourNameTheFlag() {
        assertThatThrownBy(() -> of(cka(Kernel.LINEAR, Estimator.MINIBATCH, 3), TinyNetwork.random(2, D, 1),
                examples(12, 1))).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("--batch-size")
                .hasMessageContaining("3");
    }

    @Test
    void pooledFeaturesAreTheAverageOverSpace() {
        var model = TinyNetwork.random(2, D, 1);
        assertThat(of(new Cka(Kernel.LINEAR, 0.5, Estimator.BIASED, Representation.POOLED, 8, 1 << 20), model,
                examples(8, 1))).isEqualTo(of(cka(Kernel.LINEAR, Estimator.BIASED, 8), model, examples(8, 1)));
    }

    /// A signal has rank 3 as a text has.
    @ParameterizedTest
    @EnumSource(names = {"FLAT", "POOLED"})
    void theExamplesOfSignalsAreWholeSignals(Representation representation) {
        var model = SignalNetwork.of(3, 2);
        var data = data(Seed.of(3).normal("signals", 1, 7, 2, 5));
        var m = of(new Cka(Kernel.LINEAR, 0.5, Estimator.BIASED, representation, 3, 1 << 20), model, data);
        var kernels = outputs(model, data, 0, 7).stream()
                .map(x -> Hsic.linear(representation == Representation.FLAT ? x : averaged(x, 2))).toList();
        check(m, (i, j) -> Hsic.biased(kernels.get(i), kernels.get(j)), 1e-6);
        assertThat(m.examples()).isEqualTo(7);
        for (var other : List.of(Representation.RMS, Representation.RAW, Representation.MEAN)) {
            assertThatThrownBy(() -> of(Cka.standard(Layout.SIGNALS, 3).with(other), model, data))
                    .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("flat or pooled");
        }
    }

    private static double[][] averaged(double[][] x, int channels) {
        int length = x[0].length / channels;
        return Arrays.stream(x).map(row -> IntStream.range(0, channels)
                .mapToDouble(c -> Arrays.stream(row, c * length, (c + 1) * length).average().orElseThrow()).toArray())
                .toArray(double[][]::new);
    }

    /// One block and one pass, tiles of one pair, blocks that see the others run past, features instead of examples.
    @ParameterizedTest
    @CsvSource({"LINEAR, BIASED", "LINEAR, UNBIASED", "RBF, BIASED", "RBF, UNBIASED"})
    void everyWayToTheGramMatricesGivesTheSame(Kernel kernel, Estimator estimator) {
        var model = TinyNetwork.random(3, D, 21);
        var data = examples(50, 21);
        int[] subset = IntStream.range(0, 50).filter(i -> i % 3 != 1).toArray();
        var whole = cka(kernel, estimator, 50).of(model, data, List.of(subset), Progress.silent());
        for (long memory : new long[]{1, 4_000, 12_000, 40_000, 1 << 24}) {
            var other = new Cka(kernel, 0.5, estimator, Representation.FLAT, 7, memory).of(model, data,
                    List.of(subset), Progress.silent());
            for (int i = 0; i < 3; i++) {
                for (int j = 0; j < 3; j++) {
                    assertThat(other.whole().get(i, j)).as("%d bytes", memory).isCloseTo(whole.whole().get(i, j),
                            within(1e-9));
                    assertThat(other.subsets().getFirst().get(i, j)).isCloseTo(whole.subsets().getFirst().get(i, j),
                            within(1e-9));
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"LINEAR, BIASED", "LINEAR, UNBIASED", "RBF, BIASED", "RBF, UNBIASED", "LINEAR, MINIBATCH"})
    void aSubsetIsAsIfTheOthersWereNotThere(Kernel kernel, Estimator estimator) {
        var model = TinyNetwork.random(4, D, 7);
        var inputs = Seed.of(5).normal("examples", 1, 20, D);
        int[] items = {0, 2, 3, 5, 9, 10, 12, 17, 18, 19};
        var subset = inputs.index_select(0, Tensors.longs(Arrays.stream(items).asLongStream().toArray()));
        var found = cka(kernel, estimator, 10).of(model, data(inputs), List.of(items), Progress.silent());
        var alone = of(cka(kernel, estimator, 5), model, data(subset)); // batches of ten hold five of them each
        assertThat(found.whole()).isEqualTo(of(cka(kernel, estimator, 10), model, data(inputs)));
        assertThat(found.subsets()).hasSize(1);
        assertThat(found.subsets().getFirst().examples()).isEqualTo(10);
        for (int i = 0; i < 4; i++) {
            for (int j = 0; j < 4; j++) {
                assertThat(found.subsets().getFirst().get(i, j)).isCloseTo(alone.get(i, j), within(1e-6));
            }
        }
    }

    @Test
    void aSubsetWithTooFewOfEveryBatchIsLeftOut() {
        int[] spread = {0, 1, 2, 5, 6, 7};
        int[] enough = {0, 1, 2, 3, 5};
        var found = cka(Kernel.LINEAR, Estimator.MINIBATCH, 5).of(TinyNetwork.random(4, D, 7), examples(10, 5),
                List.of(spread, enough), Progress.silent());
        assertThat(found.subsets()).singleElement()
                .satisfies(matrix -> assertThat(matrix.examples()).isEqualTo(4));
    }

    @Test
    void resamplesAreSeededSubsetsWithoutReplacement() {
        var drawn = Resamples.of(20, 1).items();
        assertThat(drawn).hasSize(5)
                .allSatisfy(items -> assertThat(items).hasSize(16).isSorted().doesNotHaveDuplicates());
        assertThat(drawn.stream().flatMapToInt(Arrays::stream).summaryStatistics().getMax()).isLessThan(20);
        assertThat(drawn.stream().map(Arrays::toString).distinct()).hasSizeGreaterThan(3);
        assertThat(Resamples.of(20, 1).items()).zipSatisfy(drawn, (a, b) -> assertThat(a).containsExactly(b));
        assertThat(Resamples.of(4, 1).items()).isEmpty();
    }
}
