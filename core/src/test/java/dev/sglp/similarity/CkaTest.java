package dev.sglp.similarity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.sglp.Oracle;
import dev.sglp.model.Layer;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.Objective;
import dev.sglp.model.Pass;
import dev.sglp.progress.Progress;
import dev.sglp.similarity.Cka.Estimator;
import dev.sglp.similarity.Cka.Features;
import dev.sglp.similarity.Cka.Kernel;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Seed;
import dev.sglp.tensor.Tensors;
import java.util.Collections;
import java.util.List;
import java.util.SequencedMap;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class CkaTest {
    private Scope scope;

    @BeforeEach
    void open() {
        scope = Scope.open();
    }

    @AfterEach
    void close() {
        scope.close();
    }

    /// Any map of tensors.
    @FunctionalInterface
    private interface TensorMap {
        Tensor apply(Tensor x);
    }

    /// It as a layer.
    private record Map(TensorMap of) implements Layer {
        @Override
        public String name() {
            return "map";
        }

        @Override
        public Tensor forward(Tensor x, Pass pass) {
            return of.apply(x);
        }

        @Override
        public SequencedMap<String, Tensor> parameters() {
            return Collections.emptySortedMap();
        }

        @Override
        public Layer reinitialised(Seed seed) {
            return this;
        }
    }

    private static SimilarityMatrix cka(Cka settings, Tensor inputs, TensorMap... maps) {
        var layers = java.util.Arrays.stream(maps).<Layer>map(Map::new).toList();
        var identity = new Map(x -> x.clone());
        var items = new Oracle.Items(inputs, Tensors.zeros(dev.sglp.tensor.DType.I64, inputs.size(0)),
                List.of("a", "b"));
        return settings.of(new LayeredModel("maps", identity, layers, identity, Objective.crossEntropy()), items,
                Progress.silent());
    }

    private static Cka settings(Kernel kernel, Estimator estimator, int batch) {
        return new Cka(kernel, 0.5, estimator, Features.FLAT, batch, 1 << 20);
    }

    private static Tensor random(String name, long... shape) {
        return Seed.of(3).normal(name, 1, shape);
    }

    @ParameterizedTest
    @EnumSource(Estimator.class)
    void itIsSymmetricOneOnTheDiagonalAndWhereBiasedInTheUnitInterval(Estimator estimator) {
        var w = random("w", 6, 6);
        var m = cka(settings(Kernel.LINEAR, estimator, 10), random("x", 20, 6), x -> x.matmul(w), Tensor::relu,
                x -> x.mul(x));
        for (int i = 0; i < m.size(); i++) {
            assertThat(m.get(i, i)).isEqualTo(1);
            for (int j = 0; j < m.size(); j++) {
                assertThat(m.get(i, j)).isCloseTo(m.get(j, i), within(1e-12));
                if (estimator == Estimator.BIASED) {
                    assertThat(m.get(i, j)).isBetween(0.0, 1 + 1e-12);
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Kernel.class)
    void orthogonalMapsAndScalingChangeNothing(Kernel kernel) {
        var s = Math.sqrt(0.5);
        var rotation = Tensors.floats(new float[]{(float) s, (float) -s, 0, (float) s, (float) s, 0, 0, 0, -1}, 3, 3);
        var m = cka(settings(kernel, Estimator.BIASED, 64), random("x", 12, 3), Tensor::relu,
                x -> x.matmul(rotation).mul(new Scalar(7.0)));
        var alone = cka(settings(kernel, Estimator.BIASED, 64), random("x", 12, 3), Tensor::relu, x -> x.clone());
        assertThat(m.get(0, 1)).isCloseTo(alone.get(0, 1), within(1e-5)); // the second map of the first model
        var direct = cka(settings(kernel, Estimator.BIASED, 64), random("x", 12, 3), x -> x.clone(),
                x -> x.matmul(rotation).mul(new Scalar(7.0)));
        assertThat(direct.get(0, 1)).isCloseTo(1, within(1e-5));
    }

    @Test
    void aFiveByFiveCaseIsItsDefinition() {
        var x = random("x", 5, 3);
        var found = cka(settings(Kernel.LINEAR, Estimator.BIASED, 64), x, y -> y.clone(), Tensor::relu).get(0, 1);
        double[][] k = gram(Tensors.toDoubles(x), 5, 3);
        double[][] l = gram(Tensors.toDoubles(x.relu()), 5, 3);
        assertThat(found).isCloseTo(biased(k, l) / Math.sqrt(biased(k, k) * biased(l, l)), within(1e-6));
    }

    @Test
    void theUnbiasedEstimatorIsTheMeanOverAllDistinctQuadruples() {
        var x = random("x", 6, 3);
        var found = cka(settings(Kernel.LINEAR, Estimator.UNBIASED, 64), x, y -> y.clone(), Tensor::relu).get(0, 1);
        double[][] k = gram(Tensors.toDoubles(x), 6, 3);
        double[][] l = gram(Tensors.toDoubles(x.relu()), 6, 3);
        assertThat(found).isCloseTo(quadruples(k, l) / Math.sqrt(quadruples(k, k) * quadruples(l, l)), within(1e-6));
    }

    @Test
    void minibatchesAverageTheHsicsAndDivideOnce() {
        var x = random("x", 12, 3);
        var found = cka(settings(Kernel.LINEAR, Estimator.MINIBATCH, 6), x, y -> y.clone(), Tensor::relu).get(0, 1);
        double kl = 0;
        double kk = 0;
        double ll = 0;
        for (int b = 0; b < 2; b++) {
            var part = x.narrow(0, b * 6, 6);
            double[][] k = gram(Tensors.toDoubles(part), 6, 3);
            double[][] l = gram(Tensors.toDoubles(part.relu()), 6, 3);
            kl += quadruples(k, l);
            kk += quadruples(k, k);
            ll += quadruples(l, l);
        }
        assertThat(found).isCloseTo(kl / Math.sqrt(kk * ll), within(1e-6));
    }

    @Test
    void gramsAndCrossProductsGiveTheSameNumber() {
        var x = random("x", 9, 4).to(torch.ScalarType.Double);
        var y = x.relu();
        var cx = x.sub(x.mean(0));
        var cy = y.sub(y.mean(0));
        double cross = Tensors.toDoubles(cy.t().matmul(cx).norm())[0];
        double expected = cross * cross
                / (Tensors.toDoubles(cx.t().matmul(cx).norm())[0] * Tensors.toDoubles(cy.t().matmul(cy).norm())[0]);
        assertThat(cka(settings(Kernel.LINEAR, Estimator.BIASED, 64), random("x", 9, 4), z -> z.clone(), Tensor::relu)
                .get(0, 1)).isCloseTo(expected, within(1e-6));
    }

    @Test
    void anOutputThatDoesNotVaryIsAnError() {
        assertThatThrownBy(() -> cka(settings(Kernel.LINEAR, Estimator.BIASED, 64), random("x", 8, 3), x -> x.clone(),
                torch::ones_like)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("layer 1")
                .hasMessageContaining("does not vary");
    }

    @Test
    void tooFewExamplesNameTheFlag() {
        assertThatThrownBy(
                () -> cka(settings(Kernel.LINEAR, Estimator.UNBIASED, 64), random("x", 3, 3), x -> x.clone()))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("--samples");
    }

    private static double[][] gram(double[] rows, int n, int d) {
        var k = new double[n][n];
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                for (int c = 0; c < d; c++) {
                    k[i][j] += rows[i * d + c] * rows[j * d + c];
                }
            }
        }
        return k;
    }

    /// `tr(K H L H)` with `H = I − 1/n`, entry by entry.
    private static double biased(double[][] k, double[][] l) {
        int n = k.length;
        double sum = 0;
        for (int a = 0; a < n; a++) {
            for (int b = 0; b < n; b++) {
                for (int c = 0; c < n; c++) {
                    for (int d = 0; d < n; d++) {
                        sum += k[a][b] * ((b == c ? 1 : 0) - 1.0 / n) * l[c][d] * ((d == a ? 1 : 0) - 1.0 / n);
                    }
                }
            }
        }
        return sum;
    }

    /// HSIC as a U-statistic (Song 2012, section 3): over all distinct i, j, q, r.
    private static double quadruples(double[][] k, double[][] l) {
        int n = k.length;
        double sum = 0;
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                for (int q = 0; q < n; q++) {
                    for (int r = 0; r < n; r++) {
                        if (i != j && i != q && i != r && j != q && j != r && q != r) {
                            sum += k[i][j] * (l[i][j] + l[q][r] - 2 * l[i][q]);
                        }
                    }
                }
            }
        }
        return sum / (n * (n - 1.0) * (n - 2.0) * (n - 3.0));
    }
}
