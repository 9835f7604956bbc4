package dev.sglp.training;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sglp.Scoped;
import dev.sglp.tensor.Tensors;
import java.util.Arrays;
import java.util.HashSet;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(Scoped.class)
final class AugmentationTest {
    /// Pixel (y, x) is `1 + 4 y + x` in the first channel and its negative in the second, `[items, 2, 3, 4]`.
    private static Tensor images(int items) {
        var values = new float[items * 24];
        for (int i = 0; i < values.length; i++) {
            values[i] = (i % 24 < 12 ? 1 : -1) * (1 + i % 12);
        }
        return Tensors.floats(values, items, 2, 3, 4);
    }

    @Test
    void aMirroredImageHasItsRowsBackwards() {
        var out = Tensors.toDoubles(new Augmentation(0, true).apply(images(20), range(20), 7));
        var seen = new HashSet<Double>();
        for (int item = 0; item < 20; item++) {
            double first = out[item * 24];
            seen.add(first);
            var row = Arrays.copyOfRange(out, item * 24, item * 24 + 4);
            assertThat(row).isEqualTo(first == 1 ? new double[]{1, 2, 3, 4} : new double[]{4, 3, 2, 1});
        }
        assertThat(seen).containsExactlyInAnyOrder(1.0, 4.0);
    }

    @Test
    void aCutImageIsAWindowOfThePaddedOne() {
        var out = Tensors.toDoubles(new Augmentation(2, false).apply(images(50), range(50), 7));
        for (int item = 0; item < 50; item++) {
            assertThat(windowAt(out, item * 24)).as("item %d", item).isTrue();
        }
    }

    private static boolean windowAt(double[] out, int from) {
        return IntStream.range(0, 25).anyMatch(shift -> IntStream.range(0, 24).allMatch(i -> {
            int y = i % 12 / 4 + shift / 5 - 2;
            int x = i % 4 + shift % 5 - 2;
            double value = y < 0 || y > 2 || x < 0 || x > 3 ? 0 : 1 + 4 * y + x;
            return out[from + i] == (i < 12 ? value : -value);
        }));
    }

    @Test
    void whatHappensToAnItemDoesNotDependOnItsBatch() {
        var by = Augmentation.cropAndFlip();
        var whole = Tensors.toDoubles(by.apply(images(6), range(6), 7));
        var alone = Tensors.toDoubles(by.apply(images(1), new int[]{4}, 7));
        assertThat(alone).isEqualTo(Arrays.copyOfRange(whole, 4 * 24, 5 * 24));
        assertThat(Tensors.toDoubles(by.apply(images(6), range(6), 8))).isNotEqualTo(whole);
    }

    private static int[] range(int n) {
        return IntStream.range(0, n).toArray();
    }
}
