package dev.sglp.segmentation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.sglp.Oracle;
import dev.sglp.similarity.SimilarityMatrix;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class FisherTest {
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
    void everySegmentationIsTheBestOfAllCuts(int n) {
        var random = new Random(n);
        for (int round = 0; round < 8; round++) {
            int width = 1 + random.nextInt(4);
            var vectors = IntStream.range(0, n).mapToObj(i -> random.doubles(width).toArray()).toArray(double[][]::new);
            for (int k = 1; k <= n; k++) {
                var best = brute(vectors, k);
                var found = Fisher.of(copy(vectors), k, k);
                assertThat(found.boundaries()).as("n %d, k %d", n, k).isEqualTo(best.boundaries);
                assertThat(found.losses().getLast()).isCloseTo(best.loss, within(1e-9));
            }
        }
    }

    @Test
    void amongEqualSegmentationsTheEarliestBoundaryWins() {
        var constant = new double[][]{{1, 2}, {1, 2}, {1, 2}, {1, 2}, {1, 2}};
        assertThat(Fisher.of(constant, 3, 3).boundaries()).containsExactly(0, 1, 2, 5);
        var mirrored = new double[][]{{0}, {1}, {0}};
        assertThat(Fisher.of(mirrored, 2, 2).boundaries()).containsExactly(0, 1, 3);
    }

    @Test
    void theLossNeverRisesWithMoreSegmentsAndEndsAtZero() {
        var random = new Random(7);
        var vectors = IntStream.range(0, 30).mapToObj(i -> random.doubles(30).toArray()).toArray(double[][]::new);
        var losses = Fisher.of(vectors, 3, 30).losses();
        assertThat(losses).hasSize(30);
        for (int k = 1; k < losses.size(); k++) {
            assertThat(losses.get(k)).isLessThanOrEqualTo(losses.get(k - 1) + 1e-12);
        }
        assertThat(losses.getLast()).isCloseTo(0, within(1e-9));
    }

    @ParameterizedTest
    @ValueSource(strings = {"fisher_rows", "fisher_mean"})
    void resNet56IsCutAsPythonCutsIt(String form) {
        var oracle = Oracle.json("cka_resnet56.json");
        var rows = new ArrayList<List<Double>>();
        oracle.get("biased").forEach(row -> rows.add(Arrays.stream(Oracle.doubles(row)).boxed().toList()));
        var matrix = new SimilarityMatrix(rows, "linear", "biased", 128);
        var features = form.equals("fisher_rows") ? Fisher.Features.ROWS : Fisher.Features.MEAN;
        for (var expected : oracle.get(form)) {
            var found = Fisher.of(matrix, features, expected.get("k").asInt(), 1);
            assertThat(found.boundaries().stream().mapToDouble(b -> b).toArray())
                    .isEqualTo(Oracle.doubles(expected.get("boundaries")));
            assertThat(found.losses().getLast()).isCloseTo(expected.get("loss").asDouble(), within(1e-7));
        }
    }

    @Test
    void equalSegmentsDifferByAtMostOneLayer() {
        assertThat(Fisher.equal(10, 3).boundaries()).containsExactly(0, 4, 7, 10);
        assertThat(Fisher.equal(9, 3).boundaries()).containsExactly(0, 3, 6, 9);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 4, -1})
    void aNumberOfSegmentsThatCannotBeNamesTheFlag(int k) {
        assertThatThrownBy(() -> Fisher.of(new double[][]{{1}, {2}, {3}}, k, 3))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("--segments")
                .hasMessageContaining("3");
    }

    private record Best(List<Integer> boundaries, double loss) {}

    /// All ways to cut, in lexicographic order of their boundaries, so that the first of equals has the earliest ones.
    private static Best brute(double[][] v, int k) {
        var best = new Best(List.of(), Double.POSITIVE_INFINITY);
        for (int mask = 0; mask < 1 << (v.length - 1); mask++) {
            if (Integer.bitCount(mask) == k - 1) {
                var boundaries = boundaries(mask, v.length);
                double loss = 0;
                for (int s = 0; s < k; s++) {
                    loss += spread(v, boundaries.get(s), boundaries.get(s + 1));
                }
                if (loss < best.loss - 1e-12) {
                    best = new Best(boundaries, loss);
                }
            }
        }
        return best;
    }

    private static List<Integer> boundaries(int mask, int n) {
        var boundaries = new ArrayList<>(List.of(0));
        IntStream.range(1, n).filter(i -> (mask >> (i - 1) & 1) == 1).forEach(boundaries::add);
        boundaries.add(n);
        return boundaries;
    }

    private static double spread(double[][] v, int from, int to) {
        double sum = 0;
        for (int c = 0; c < v[0].length; c++) {
            double mean = 0;
            for (int i = from; i < to; i++) {
                mean += v[i][c] / (to - from);
            }
            for (int i = from; i < to; i++) {
                sum += (v[i][c] - mean) * (v[i][c] - mean);
            }
        }
        return sum;
    }

    private static double[][] copy(double[][] vectors) {
        return Arrays.stream(vectors).map(double[]::clone).toArray(double[][]::new);
    }
}
