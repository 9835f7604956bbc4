package dev.sglp.segmentation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sglp.Oracle;
import dev.sglp.similarity.SimilarityMatrix;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The number of segments from the loss curve.
final class ElbowTest {
    private static double[][] blocks(int blocks, int size, double noise, Random random) {
        return IntStream.range(0, blocks * size).mapToObj(i -> IntStream.range(0, blocks)
                .mapToDouble(c -> (i / size == c ? 1 : 0) + noise * random.nextGaussian()).toArray())
                .toArray(double[][]::new);
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 4, 5, 6})
    void soManyClearBlocksGiveSoManySegments(int blocks) {
        var random = new Random(blocks);
        for (double noise : new double[]{0, 0.01, 0.05}) {
            var cut = Fisher.automatic(blocks(blocks, 6, noise, random), 12);
            assertThat(cut.size()).as("noise %s", noise).isEqualTo(blocks);
            assertThat(cut.boundaries()).isEqualTo(IntStream.rangeClosed(0, blocks).mapToObj(b -> 6 * b).toList());
            assertThat(cut.rule()).isEqualTo("elbow");
        }
    }

    @Test
    void layersThatDoNotDifferAreOneSegment() {
        assertThat(Fisher.automatic(new double[9][4], 12).boundaries()).containsExactly(0, 9);
        assertThat(Fisher.automatic(new double[1][4], 12).boundaries()).containsExactly(0, 1);
    }

    @Test
    void twoLayersThatDifferAreTwoSegments() {
        assertThat(Fisher.automatic(new double[][]{{0}, {1}}, 12).size()).isEqualTo(2);
    }

    /// By the distance of a point from a line in the plane, over every point.
    @Test
    void itIsThePointFarthestFromTheChord() {
        var random = new Random(4);
        for (int n = 3; n < 40; n++) {
            var losses = random.doubles(n, 0.1, 5).boxed().sorted((a, b) -> Double.compare(b, a)).toList();
            int best = 0;
            double most = 0;
            for (int i = 0; i < n; i++) {
                double x = (double) i / (n - 1);
                double y = (losses.get(i) - losses.getLast()) / (losses.getFirst() - losses.getLast());
                double distance = (1 - x - y) / Math.sqrt(2); // the chord is x + y = 1
                if (distance > most) {
                    most = distance;
                    best = i;
                }
            }
            assertThat(Elbow.of(losses)).isEqualTo(best + 1);
            assertThat(Elbow.distances(losses).get(best) / Math.sqrt(2)).isCloseTo(most, within(1e-12));
        }
    }

    /// The curve of ResNet-56 as another program computed it: 7.40 4.44 2.32 1.34 0.86 …
    @ParameterizedTest
    @CsvSource({"biased, ROWS, 4", "biased, MEAN, 4", "unbiased, ROWS, 4", "unbiased, MEAN, 3"})
    void resNet56BendsAtThreeOrFour(String estimator, Fisher.Features features, int k) {
        var json = Oracle.json("cka_resnet56.json");
        List<List<Double>> rows = StreamSupport.stream(json.get(estimator).spliterator(), false)
                .map(row -> Arrays.stream(Oracle.doubles(row)).boxed().toList()).toList();
        var matrix = new SimilarityMatrix(rows, "linear", estimator, 128);
        assertThat(Fisher.automatic(matrix, features, 12).size()).isEqualTo(k);
    }
}
