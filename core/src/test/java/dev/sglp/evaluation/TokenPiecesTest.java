package dev.sglp.evaluation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sglp.Numbers;
import dev.sglp.data.Batch;
import dev.sglp.evaluation.TokenPieces.Targets;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Tensors;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/// How windows of different widths are taken together.
final class TokenPiecesTest {
    /// Windows of so many tokens each.
    private record Windows(int... widths) implements Numbers {
        @Override
        public int size() {
            return widths.length;
        }

        @Override
        public Batch batch(int from, int to) {
            int width = Arrays.stream(widths, from, to).max().orElseThrow();
            var ids = Tensors.longs(new long[(to - from) * width]).view(to - from, width);
            return new Batch(ids, ids);
        }
    }

    private static int[] starts(int... widths) {
        return TokenPieces.of(new Windows(widths)).starts();
    }

    private static int[] equal(int count, int width) {
        int[] widths = new int[count];
        Arrays.fill(widths, width);
        return widths;
    }

    @Test
    void whatIsNotANumberIsNeverRight() {
        try (var _ = Scope.open()) {
            var logits = Tensors.floats(new float[]{Float.NaN, Float.NaN, 1, 2}, 2, 2);
            var wanted = Tensors.longs(new long[]{0, 1});
            var sums = TokenSums.of(logits, logits.logsumexp(1), new Targets(wanted, wanted, new int[]{0, 0}));
            assertThat(sums.right(1)).isEqualTo(1);
            assertThat(sums.right(5)).isEqualTo(1);
        }
    }

    @Test
    void aShortFirstWindowDoesNotMakePiecesLarge() {
        int[] widths = equal(100, 512);
        widths[0] = 3;
        assertThat(starts(widths)).startsWith(0, 4, 8).endsWith(96, 100).hasSize(26);
        assertThat(starts(3, 3, 3, 2048, 3, 3)).containsExactly(0, 3, 4, 6);
        assertThat(starts(4096, 3, 3)).containsExactly(0, 1, 3);
    }

    @Test
    void windowsOfOneWidthAreTakenAsOftenAsTheyFit() {
        assertThat(starts(equal(9, 512))).containsExactly(0, 4, 8, 9);
        assertThat(starts(equal(2, 4096))).containsExactly(0, 1, 2);
        assertThat(starts(equal(3, 700))).containsExactly(0, 2, 3);
    }

    @Test
    void theLongestWindowIsTimed() {
        assertThat(Latencies.longest(new Windows(3, 9, 5, 9))).isEqualTo(1);
    }
}
