package dev.sglp.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sglp.Scoped;
import dev.sglp.tensor.Tensors;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Which axis means what, on numbers that say where they stand.
@ExtendWith(Scoped.class)
final class LayoutTest {
    /// `0, 1, 2, …` in this shape.
    private static Tensor counted(long... shape) {
        int n = 1;
        for (long s : shape) {
            n *= (int) s;
        }
        var values = new float[n];
        for (int i = 0; i < n; i++) {
            values[i] = i;
        }
        return Tensors.floats(values, shape);
    }

    private static double[] numbers(Tensor tensor) {
        return Tensors.toDoubles(tensor);
    }

    @Test
    void aRowOfAnExampleHoldsAllItsFeatures() {
        assertThat(Layout.MAPS.flat(counted(2, 2, 1, 3)).shape()).containsExactly(2, 6);
        assertThat(numbers(Layout.MAPS.flat(counted(1, 2, 1, 3)))).containsExactly(0, 3, 1, 4, 2, 5); // channels last
        assertThat(numbers(Layout.SIGNALS.flat(counted(1, 2, 3)))).containsExactly(0, 3, 1, 4, 2, 5);
        assertThat(numbers(Layout.TOKENS.flat(counted(1, 3, 2)))).containsExactly(0, 1, 2, 3, 4, 5);
        assertThat(numbers(Layout.PATCHES.flat(counted(1, 3, 2)))).containsExactly(0, 1, 2, 3, 4, 5);
        assertThat(Layout.VECTORS.flat(counted(3, 2)).shape()).containsExactly(3, 2);
    }

    @Test
    void poolingAveragesOverPositionsAndNeverOverFeatures() {
        assertThat(numbers(Layout.MAPS.pooled(counted(1, 2, 1, 3), Optional.empty()))).containsExactly(1, 4);
        assertThat(numbers(Layout.SIGNALS.pooled(counted(1, 2, 3), Optional.empty()))).containsExactly(1, 4);
        assertThat(numbers(Layout.TOKENS.pooled(counted(1, 3, 2), Optional.empty()))).containsExactly(2, 3);
        assertThat(numbers(Layout.PATCHES.pooled(counted(1, 3, 2), Optional.empty()))).containsExactly(2, 3);
        assertThat(numbers(Layout.VECTORS.pooled(counted(1, 2), Optional.empty()))).containsExactly(0, 1);
    }

    @Test
    void paddingIsNoPartOfAMean() {
        var padding = Tensors.longs(new long[]{0, 0, 1}).view(1, 3).to(ScalarType.Bool);
        assertThat(numbers(Layout.TOKENS.pooled(counted(1, 3, 2), Optional.of(padding)))).containsExactly(1, 2);
    }

    @Test
    void everyPositionIsARowOfItsFeatures() {
        assertThat(numbers(Layout.MAPS.positions(counted(1, 2, 1, 3)))).containsExactly(0, 3, 1, 4, 2, 5);
        assertThat(Layout.MAPS.positions(counted(2, 2, 1, 3)).shape()).containsExactly(6, 2);
        assertThat(Layout.SIGNALS.positions(counted(2, 2, 3)).shape()).containsExactly(6, 2);
        assertThat(Layout.TOKENS.positions(counted(2, 3, 4)).shape()).containsExactly(6, 4);
        assertThat(Layout.VECTORS.positions(counted(2, 3)).shape()).containsExactly(2, 3);
    }

    @Test
    void onlyVectorsOfAStreamAreComparedOneByOne() {
        assertThat(Layout.TOKENS.vectors(counted(2, 3, 4)).shape()).containsExactly(2, 3, 4);
        assertThat(Layout.PATCHES.vectors(counted(2, 3, 4)).shape()).containsExactly(2, 3, 4);
        assertThat(Layout.SIGNALS.vectors(counted(2, 3, 4)).shape()).containsExactly(2, 12);
        assertThat(Layout.MAPS.vectors(counted(2, 3, 4, 5)).shape()).containsExactly(2, 60);
    }

    /// An image counts once, whatever its patches are; a text by its tokens.
    @Test
    void anImageIsOneExampleAndATextIsItsTokens() {
        var images = counted(2, 3, 4, 4);
        assertThat(Layout.PATCHES.count(images, Optional.empty())).isEqualTo(2);
        assertThat(Layout.PATCHES.sum(counted(2, 3), Optional.empty())).isEqualTo(1 + 4);
        assertThat(Layout.TOKENS.count(counted(2, 3), Optional.empty())).isEqualTo(6);
        assertThat(Layout.TOKENS.sum(counted(2, 3), Optional.empty())).isEqualTo(15);
        assertThat(Layout.PATCHES.tokens()).isFalse();
        assertThat(Layout.PATCHES.stream()).isTrue();
        assertThat(Layout.MAPS.stream()).isFalse();
    }

    @Test
    void anOutputOfAnotherRankIsRefusedAndNotGuessedAt() {
        assertThatThrownBy(() -> Layout.MAPS.flat(counted(2, 3, 4))).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("[2, 3, 4]").hasMessageContaining("MAPS");
        assertThatThrownBy(() -> Layout.VECTORS.vectors(counted(2, 3, 4))).hasMessageContaining("VECTORS");
        assertThatThrownBy(() -> Layout.TOKENS.pooled(counted(2, 3), Optional.empty()))
                .hasMessageContaining("TOKENS");
    }
}
