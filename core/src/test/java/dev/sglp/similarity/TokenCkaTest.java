package dev.sglp.similarity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sglp.Numbers.Counted;
import dev.sglp.data.Dataset;
import dev.sglp.model.Layer;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.Layout;
import dev.sglp.model.Objective;
import dev.sglp.model.Part;
import dev.sglp.model.Pass;
import dev.sglp.progress.Progress;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Seed;
import dev.sglp.tensor.Tensors;
import java.util.ArrayList;
import java.util.Collections;
import java.util.SequencedMap;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// CKA of text against its definition in loops over numbers.
final class TokenCkaTest {
    private static final int WINDOWS = 3;
    private static final int LENGTH = 7;
    private static final int LAYERS = 3;

    /// Ids become vectors by a table.
    private record Table(Tensor rows) implements Part {
        @Override
        public Tensor forward(Tensor x, Pass pass) {
            return torch.embedding(rows, x);
        }

        @Override
        public SequencedMap<String, Tensor> parameters() {
            return Collections.emptySortedMap();
        }
    }

    private record Map(String name, Tensor weight) implements Layer {
        @Override
        public Tensor forward(Tensor x, Pass pass) {
            return x.matmul(weight).tanh().add(x);
        }

        @Override
        public Layer reinitialised(Seed seed) {
            return this;
        }

        @Override
        public SequencedMap<String, Tensor> parameters() {
            return Collections.emptySortedMap();
        }
    }

    private static LayeredModel model(int width) {
        var seed = Seed.of(4);
        var layers = new ArrayList<Layer>();
        for (int i = 0; i < LAYERS; i++) {
            layers.add(new Map("layer" + i, seed.normal("w" + i, 1, width, width)));
        }
        var table = new Table(seed.normal("table", 1, WINDOWS * LENGTH, width));
        return new LayeredModel("numbers", table, layers, table, Objective.nextToken(), Layout.TOKENS);
    }

    /// Fewer features than tokens, and more.
    @ParameterizedTest
    @CsvSource({"5,BIASED,RMS,true", "5,UNBIASED,RMS,false", "40,BIASED,RMS,false", "40,UNBIASED,RAW,true",
            "5,BIASED,RAW,false", "6,UNBIASED,RAW,true"})
    void tokensAreTheExamples(int width, Cka.Estimator estimator, Representation features, boolean padded) {
        try (var _ = Scope.open()) {
            var model = model(width);
            var data = new Counted(WINDOWS, LENGTH, padded ? 2 : 0, i -> i);
            var cka = new Cka(Cka.Kernel.LINEAR, 0.5, estimator, features, 2, 1 << 20);
            var got = cka.of(model, data, Progress.silent());
            assertThat(got.examples()).isEqualTo(WINDOWS * LENGTH - (padded ? 2 : 0));
            var grams = grams(model, data, features, got.examples());
            for (int i = 0; i < LAYERS; i++) {
                for (int j = 0; j < LAYERS; j++) {
                    double expected = hsic(estimator, grams[i], grams[j])
                            / Math.sqrt(hsic(estimator, grams[i], grams[i]) * hsic(estimator, grams[j], grams[j]));
                    assertThat(got.get(i, j)).isCloseTo(expected, within(1e-6));
                }
            }
        }
    }

    /// In one batch and in two, with and without padding.
    @ParameterizedTest
    @CsvSource({"2,true", "3,true", "3,false"})
    void windowsAreTheExamplesOfTheirMeans(int batchSize, boolean padded) {
        try (var _ = Scope.open()) {
            var model = model(5);
            var data = new Counted(WINDOWS, LENGTH, padded ? 2 : 0, i -> i);
            var cka = new Cka(Cka.Kernel.LINEAR, 0.5, Cka.Estimator.BIASED, Representation.MEAN, batchSize, 1 << 20);
            var got = cka.of(model, data, Progress.silent());
            assertThat(got.examples()).isEqualTo(WINDOWS);
            var tokens = new double[LAYERS][][];
            var grams = new double[LAYERS][][];
            model.body(data.batch(0, WINDOWS).inputs(), Pass.evaluation(), (i, _, out) -> {
                var flat = Tensors.toDoubles(out);
                tokens[i] = new double[WINDOWS][5];
                for (int w = 0; w < WINDOWS; w++) {
                    int length = padded && w == WINDOWS - 1 ? LENGTH - 2 : LENGTH;
                    for (int t = 0; t < length; t++) {
                        for (int c = 0; c < 5; c++) {
                            tokens[i][w][c] += flat[(w * LENGTH + t) * 5 + c] / length;
                        }
                    }
                }
                grams[i] = Hsic.linear(tokens[i]);
            });
            double expected = Hsic.biased(grams[0], grams[2])
                    / Math.sqrt(Hsic.biased(grams[0], grams[0]) * Hsic.biased(grams[2], grams[2]));
            assertThat(got.get(0, 2)).isCloseTo(expected, within(1e-6));
        }
    }

    private static double hsic(Cka.Estimator estimator, double[][] k, double[][] l) {
        return estimator == Cka.Estimator.BIASED ? Hsic.biased(k, l) : Hsic.unbiased(k, l);
    }

    private static double[][][] grams(LayeredModel model, Dataset data, Representation features, int tokens) {
        var grams = new double[LAYERS][][];
        model.body(data.batch(0, WINDOWS).inputs(), Pass.evaluation(), (i, _, out) -> {
            int width = (int) out.size(2);
            var flat = Tensors.toDoubles(out);
            var rows = new double[tokens][width];
            for (int t = 0; t < tokens; t++) {
                double squares = 0;
                for (int c = 0; c < width; c++) {
                    rows[t][c] = flat[t * width + c];
                    squares += rows[t][c] * rows[t][c];
                }
                double scale = features == Representation.RMS ? Math.sqrt(squares / width) : 1;
                for (int c = 0; c < width; c++) {
                    rows[t][c] /= scale;
                }
            }
            grams[i] = Hsic.linear(rows);
        });
        return grams;
    }
}
