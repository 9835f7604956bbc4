package dev.sglp.segmentation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sglp.Oracle;
import dev.sglp.similarity.SimilarityMatrix;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Fisher's segmentation against every way to cut, from the definition, and against the numbers of another program.
final class FisherTest {
    private static final int MOST = 12;

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, MOST})
    void theCutsAreTheBestOfAllCuts(int n) {
        var random = new Random(n);
        for (int columns : new int[]{1, 3, n}) {
            check(random(n, columns, random::nextGaussian));
            check(random(n, columns, () -> 1e6 + random.nextGaussian()));
        }
    }

    /// Small whole numbers make many equal sums of squares.
    @ParameterizedTest
    @ValueSource(ints = {4, 7, 10, MOST})
    void tiesGoToTheEarliestBoundary(int n) {
        var random = new Random(n);
        for (int i = 0; i < 20; i++) {
            check(random(n, 1, () -> (double) random.nextInt(3)));
        }
        check(new double[n][1]);
    }

    @Test
    void layersThatAreAllEqualAreCutAtTheBeginning() {
        assertThat(Fisher.of(new double[7][3], 4, 4).boundaries()).containsExactly(0, 1, 2, 3, 7);
    }

    private static void check(double[][] vectors) {
        int n = vectors.length;
        for (int k = 1; k <= n; k++) {
            var expected = best(vectors, k);
            var got = Fisher.of(copy(vectors), k, MOST);
            assertThat(got.boundaries()).as("%s into %d", Arrays.deepToString(vectors), k).isEqualTo(expected);
            assertThat(got.losses()).hasSize(n);
            assertThat(got.losses().get(k - 1)).isCloseTo(loss(vectors, expected), within(1e-9 * scale(vectors)));
        }
    }

    /// The recurrence reads from the end: of equal cuts the one whose last boundary is earliest, then the one before it.
    private static List<Integer> best(double[][] vectors, int k) {
        List<Integer> best = List.of();
        double least = Double.POSITIVE_INFINITY;
        double tie = 1e-10 * scale(vectors);
        for (int mask = 0; mask < 1 << vectors.length - 1; mask++) {
            if (Integer.bitCount(mask) == k - 1) {
                var cuts = boundaries(vectors.length, mask);
                double loss = loss(vectors, cuts);
                if (best.isEmpty() || loss < least - tie || loss <= least + tie && earlier(cuts, best)) {
                    least = Math.min(loss, least);
                    best = cuts;
                }
            }
        }
        return best;
    }

    private static List<Integer> boundaries(int n, int mask) {
        var cuts = new ArrayList<>(List.of(0));
        IntStream.range(1, n).filter(i -> (mask >> i - 1 & 1) == 1).forEach(cuts::add);
        cuts.add(n);
        return cuts;
    }

    private static boolean earlier(List<Integer> a, List<Integer> b) {
        for (int i = a.size() - 1; i >= 0; i--) {
            if (!a.get(i).equals(b.get(i))) {
                return a.get(i) < b.get(i);
            }
        }
        return false;
    }

    private static double loss(double[][] vectors, List<Integer> cuts) {
        double loss = 0;
        for (int s = 1; s < cuts.size(); s++) {
            loss += spread(Arrays.copyOfRange(vectors, cuts.get(s - 1), cuts.get(s)));
        }
        return loss;
    }

    /// Sum of squared distances to the mean, from the definition.
    private static double spread(double[][] vectors) {
        double sum = 0;
        for (int column = 0; column < vectors[0].length; column++) {
            int c = column;
            double mean = Arrays.stream(vectors).mapToDouble(v -> v[c]).average().orElseThrow();
            sum += Arrays.stream(vectors).mapToDouble(v -> (v[c] - mean) * (v[c] - mean)).sum();
        }
        return sum;
    }

    private static double scale(double[][] vectors) {
        return Math.max(1e-12, spread(vectors));
    }

    private static double[][] random(int n, int columns, Supplier<Double> number) {
        return IntStream.range(0, n).mapToObj(_ -> DoubleStream.generate(number::get).limit(columns).toArray())
                .toArray(double[][]::new);
    }

    private static double[][] copy(double[][] vectors) {
        return Arrays.stream(vectors).map(double[]::clone).toArray(double[][]::new);
    }

    @ParameterizedTest
    @EnumSource(Fisher.Features.class)
    void resNet56IsCutWhereTheOtherProgramCutsIt(Fisher.Features features) {
        var json = Oracle.json("cka_resnet56.json");
        var matrix = matrix(json.get("biased"));
        var expected = json.get(features == Fisher.Features.ROWS ? "fisher_rows" : "fisher_mean");
        assertThat(expected).hasSizeGreaterThan(3);
        for (var entry : expected) {
            int k = entry.get("k").asInt();
            var got = Fisher.of(matrix, features, k, MOST);
            assertThat(got.boundaries()).isEqualTo(integers(entry.get("boundaries")));
            assertThat(got.losses().get(k - 1)).isCloseTo(entry.get("loss").asDouble(), within(1e-7));
        }
    }

    private static SimilarityMatrix matrix(JsonNode rows) {
        var values = StreamSupport.stream(rows.spliterator(), false)
                .map(row -> Arrays.stream(Oracle.doubles(row)).boxed().toList()).toList();
        return new SimilarityMatrix(values, "linear", "biased", 128);
    }

    private static List<Integer> integers(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false).map(JsonNode::asInt).toList();
    }

    @Test
    void moreSegmentsNeverLoseMore() {
        var random = new Random(3);
        var losses = Fisher.of(random(40, 40, random::nextDouble), 3, 40).losses();
        assertThat(losses).hasSize(40).isSortedAccordingTo((a, b) -> Double.compare(b, a));
        assertThat(losses.getLast()).isCloseTo(0, within(1e-9));
    }

    @Test
    void oneSegmentIsEverythingAndNSegmentsAreTheLayers() {
        var vectors = new double[][]{{1, 2}, {3, 4}, {9, 1}};
        assertThat(Fisher.of(copy(vectors), 1, 1).toString()).isEqualTo("[0,3)");
        assertThat(Fisher.of(copy(vectors), 3, 3).toString()).isEqualTo("[0,1) [1,2) [2,3)");
        assertThat(Fisher.of(new double[][]{{5}}, 1, MOST).toString()).isEqualTo("[0,1)");
    }

    @Test
    void equalSegmentsDifferByOneLayerAtMost() {
        assertThat(Fisher.equal(27, 3).toString()).isEqualTo("[0,9) [9,18) [18,27)");
        assertThat(Fisher.equal(11, 3).toString()).isEqualTo("[0,4) [4,8) [8,11)");
        assertThat(Fisher.equal(11, 3).rule()).isEqualTo("equal");
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 0, 4})
    void aWrongNumberOfSegmentsNamesTheFlagAndTheRange(int k) {
        assertThatThrownBy(() -> Fisher.of(new double[3][2], k, MOST)).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("--segments").hasMessageContaining("3").hasMessageContaining(String.valueOf(k));
        assertThatThrownBy(() -> Fisher.equal(3, k)).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("--segments").hasMessageContaining("3").hasMessageContaining(String.valueOf(k));
    }

    @Test
    void aNetworkOf601LayersIsCutToo() {
        var random = new Random(0);
        var values = IntStream.range(0, 601).mapToObj(i -> IntStream.range(0, 601)
                .mapToObj(j -> Math.exp(-Math.abs(i / 200 - j / 200) - 0.01 * random.nextDouble())).toList()).toList();
        long start = System.nanoTime();
        var got = Fisher.of(new SimilarityMatrix(values, "linear", "biased", 128), Fisher.Features.ROWS, 4, MOST);
        System.out.printf("Fisher, 601 layers: %d ms%n", (System.nanoTime() - start) / 1_000_000);
        assertThat(got.boundaries()).containsExactly(0, 200, 400, 600, 601);
    }
}
