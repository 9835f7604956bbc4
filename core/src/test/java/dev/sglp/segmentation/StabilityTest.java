package dev.sglp.segmentation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sglp.similarity.SimilarityMatrix;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// How alike two segmentations are, against counting every pair of layers.
final class StabilityTest {
    private static Segmentation cut(int n, int k, Random random) {
        var borders = new TreeSet<>(List.of(0, n));
        while (borders.size() < k + 1) {
            borders.add(1 + random.nextInt(n - 1));
        }
        return new Segmentation(List.copyOf(borders), List.of(), "given");
    }

    /// 2(ad − bc) / ((a+b)(b+d) + (a+c)(c+d)) over the four kinds of pairs.
    private static double counted(Segmentation a, Segmentation b) {
        double[] kinds = new double[4];
        int n = a.boundaries().getLast();
        for (int i = 0; i < n; i++) {
            for (int j = i + 1; j < n; j++) {
                kinds[(together(a, i, j) ? 0 : 2) + (together(b, i, j) ? 0 : 1)]++;
            }
        }
        double both = kinds[0];
        double first = kinds[1];
        double second = kinds[2];
        double none = kinds[3];
        return 2 * (both * none - first * second)
                / ((both + first) * (first + none) + (both + second) * (second + none));
    }

    private static boolean together(Segmentation cut, int i, int j) {
        return cut.segments().stream().anyMatch(s -> s.contains(i) && s.contains(j));
    }

    @Test
    void theAdjustedRandIndexIsTheCountedOne() {
        var random = new Random(1);
        for (int round = 0; round < 50; round++) {
            var a = cut(12, 2 + random.nextInt(5), random);
            var b = cut(12, 2 + random.nextInt(5), random);
            assertThat(Stability.rand(a, b)).as("%s and %s", a, b).isCloseTo(counted(a, b), within(1e-12));
            assertThat(Stability.rand(a, a)).isCloseTo(1, within(1e-12));
        }
    }

    @Test
    void theDistanceIsThatOfTheNearestBorder() {
        var a = new Segmentation(List.of(0, 6, 24, 27), List.of(), "given");
        var b = new Segmentation(List.of(0, 3, 22, 27), List.of(), "given");
        assertThat(Stability.distance(a, b)).isEqualTo((3 + 2) / 2.0);
        assertThat(Stability.distance(a, a)).isZero();
    }

    @Test
    void subsetsThatSayTheSameAreStable() {
        var clear = matrix(0);
        var whole = Fisher.automatic(clear, Fisher.Features.ROWS, 12);
        var same = Stability.of(whole, List.of(clear, clear), Fisher.Features.ROWS, 0.8);
        assertThat(same.rand()).isEqualTo(1);
        assertThat(same.distance()).isZero();
        assertThat(same.agreeing(whole.size())).isEqualTo(2);
        var moved = Stability.of(whole, List.of(clear, matrix(2)), Fisher.Features.ROWS, 0.8);
        assertThat(moved.rand()).isBetween(0.1, 0.9);
        assertThat(moved.distance()).isEqualTo(1); // two layers in one of two
        assertThat(whole.with(moved).stability()).isEqualTo(moved);
    }

    /// Three blocks of four layers, the borders moved by so many.
    private static SimilarityMatrix matrix(int moved) {
        return new SimilarityMatrix(IntStream.range(0, 12).mapToObj(i -> IntStream.range(0, 12)
                .mapToObj(j -> i == j || block(i + moved) == block(j + moved) ? 1.0 : 0.0).toList()).toList(), "linear",
                "biased", 128);
    }

    private static int block(int i) {
        return Math.min(2, i / 4);
    }
}
