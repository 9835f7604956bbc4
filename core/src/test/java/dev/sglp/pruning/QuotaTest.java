package dev.sglp.pruning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class QuotaTest {
    @Test
    void largestRemaindersGetTheRest() {
        assertThat(Quota.proportional(4, List.of(14, 9, 7))).containsExactly(2, 1, 1); // 1.87, 1.20, 0.93
        assertThat(Quota.proportional(6, List.of(6, 17, 2))).containsExactly(1, 4, 1); // 1.44, 4.08, 0.48
    }

    @Test
    void tiesGoToTheEarlierSegment() {
        assertThat(Quota.proportional(1, List.of(3, 3))).containsExactly(1, 0);
        assertThat(Quota.proportional(5, List.of(4, 4, 4, 4))).containsExactly(2, 1, 1, 1);
    }

    /// Every number of layers from every two to three segments: the sum is right, no segment gives more than it has or is
    /// a whole layer away from its share.
    @Test
    void theSumIsRightAndNoSegmentIsFarFromItsShare() {
        for (int a = 0; a <= 6; a++) {
            for (int b = 0; b <= 6; b++) {
                for (int c = 0; c <= 6; c++) {
                    var removable = List.of(a, b, c);
                    for (int remove = 0; remove <= a + b + c; remove++) {
                        check(remove, removable, a + b + c);
                    }
                }
            }
        }
    }

    private static void check(int remove, List<Integer> removable, int total) {
        var quota = Quota.proportional(remove, removable);
        assertThat(quota.stream().mapToInt(Integer::intValue).sum()).isEqualTo(remove);
        for (int s : IntStream.range(0, removable.size()).toArray()) {
            double share = total == 0 ? 0 : (double) remove * removable.get(s) / total;
            assertThat(quota.get(s)).as("%d from %s", remove, removable).isBetween(0, removable.get(s));
            assertThat(Math.abs(quota.get(s) - share)).isLessThan(1);
        }
    }

    @Test
    void nothingIsTakenFromSegmentsWithoutRemovableLayers() {
        assertThat(Quota.proportional(2, List.of(0, 5, 0))).containsExactly(0, 2, 0);
        assertThat(Quota.proportional(0, List.of(0, 0))).containsExactly(0, 0);
    }

    @Test
    void moreThanThereIsIsRefused() {
        assertThatThrownBy(() -> Quota.proportional(6, List.of(2, 3))).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("6").hasMessageContaining("[2, 3]");
        assertThatThrownBy(() -> Quota.proportional(-1, List.of(2, 3))).isInstanceOf(IllegalArgumentException.class);
    }
}
