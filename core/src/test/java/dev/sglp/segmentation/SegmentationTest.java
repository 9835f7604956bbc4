package dev.sglp.segmentation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sglp.segmentation.Segmentation.Segment;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class SegmentationTest {
    @Test
    void boundariesNameTheSegments() {
        var cut = new Segmentation(List.of(0, 6, 24, 27), List.of(), "given");
        assertThat(cut.size()).isEqualTo(3);
        assertThat(cut.segments()).containsExactly(new Segment(0, 6), new Segment(6, 24), new Segment(24, 27));
        assertThat(cut).hasToString("[0,6) [6,24) [24,27)");
    }

    @Test
    void aSegmentHoldsItsFirstLayerAndNotItsEnd() {
        var segment = new Segment(6, 24);
        assertThat(List.of(5, 6, 23, 24).stream().map(segment::contains)).containsExactly(false, true, true, false);
    }

    @Test
    void boundariesStartAtZeroAndAscend() {
        for (var wrong : List.of(List.<Integer>of(), List.of(0), List.of(1, 3), List.of(0, 3, 3), List.of(0, 4, 2))) {
            assertThatThrownBy(() -> new Segmentation(wrong, List.of(), "given")).as("%s", wrong)
                    .isInstanceOf(IllegalArgumentException.class).hasMessageContaining(wrong.toString());
        }
    }

    @Test
    void itKeepsItsOwnCopy() {
        var boundaries = new ArrayList<>(List.of(0, 2));
        var cut = new Segmentation(boundaries, List.of(), "given");
        boundaries.add(9);
        assertThat(cut.boundaries()).containsExactly(0, 2);
    }
}
