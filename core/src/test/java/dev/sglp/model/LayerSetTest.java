package dev.sglp.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class LayerSetTest {
    @Test
    void indicesAreAscendingAndDistinct() {
        assertThat(LayerSet.of(3, 1, 3, 2).indices()).containsExactly(1, 2, 3);
        assertThat(LayerSet.of(3, 1)).isEqualTo(LayerSet.of(1, 3)).hasSameHashCodeAs(LayerSet.of(1, 3));
    }

    @Test
    void aNegativeIndexIsRefused() {
        assertThatThrownBy(() -> LayerSet.of(2, -1)).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("-1");
    }

    @Test
    void setsAreOrderedByTheirFirstDifferentLayer() {
        var sorted = Stream.of(LayerSet.of(2), LayerSet.of(1, 5), LayerSet.EMPTY, LayerSet.of(10), LayerSet.of(1))
                .sorted();
        assertThat(sorted).containsExactly(LayerSet.EMPTY, LayerSet.of(1), LayerSet.of(1, 5), LayerSet.of(2),
                LayerSet.of(10));
    }

    @Test
    void aUnionHoldsBoth() {
        assertThat(LayerSet.of(4, 1).union(LayerSet.of(1, 2))).isEqualTo(LayerSet.of(1, 2, 4));
        assertThat(LayerSet.of(4, 1).overlaps(List.of(2, 4))).isTrue();
        assertThat(LayerSet.of(4, 1).overlaps(List.of(2, 3))).isFalse();
        assertThat(LayerSet.of(4, 1).contains(4)).isTrue();
        assertThat(LayerSet.of(4, 1).contains(0)).isFalse();
    }

    @Test
    void peopleReadItWithBlanksAndJsonAsAnArray() throws JsonProcessingException {
        assertThat(LayerSet.of(3, 13, 14)).hasToString("3 13 14");
        assertThat(LayerSet.EMPTY).hasToString("none");
        var mapper = new ObjectMapper();
        assertThat(mapper.writeValueAsString(LayerSet.of(3, 13))).isEqualTo("[3,13]");
        assertThat(mapper.readValue("[13, 3]", LayerSet.class)).isEqualTo(LayerSet.of(3, 13));
        assertThatThrownBy(() -> mapper.readValue("[13, 3, 3]", LayerSet.class))
                .hasMessageContaining("layer 3 is named twice");
    }

    @Test
    void layersBesideGapsAreToldByTheirPlacesAmongThoseThatStay() {
        assertThat(LayerSet.of(2, 3, 6).besideGaps(9)).containsExactly(1, 2, 3, 4);
        assertThat(LayerSet.of(0, 4).besideGaps(5)).containsExactly(0, 2);
        assertThat(LayerSet.EMPTY.besideGaps(5)).isEmpty();
    }
}
