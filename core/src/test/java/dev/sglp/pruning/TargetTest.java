package dev.sglp.pruning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class TargetTest {
    @ParameterizedTest
    @CsvSource({"0, 0", "0.3, 8", "0.5, 14", "0.05, 1", "0.02, 1"})
    void aRatioIsOfAllLayersToTheNearest(double ratio, int layers) {
        assertThat(new Target.Ratio(ratio).resolve(27, 25)).isEqualTo(layers);
    }

    /// A network of which nothing goes is no smaller one.
    @Test
    void aRatioOfLessThanHalfALayerIsRefused() {
        assertThatThrownBy(() -> new Target.Ratio(0.01).resolve(27, 25)).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("--ratio 0.01 of 27 layers").hasMessageContaining("Raise it to 0.02");
    }

    @Test
    void aCountIsItself() {
        assertThat(new Target.Count(25).resolve(27, 25)).isEqualTo(25);
    }

    @Test
    void moreThanCanGoNamesTheFlagsAndTheNumbers() {
        assertThatThrownBy(() -> new Target.Count(26).resolve(27, 25)).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("26").hasMessageContaining("25 of 27").hasMessageContaining("--remove");
        assertThatThrownBy(() -> new Target.Ratio(0.99).resolve(27, 25)).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("--ratio");
    }

    @ParameterizedTest
    @ValueSource(doubles = {-0.1, 1, 1.5, Double.NaN})
    void aRatioIsAFractionBelowOne(double ratio) {
        assertThatThrownBy(() -> new Target.Ratio(ratio)).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("--ratio").hasMessageContaining(String.valueOf(ratio));
    }

    @Test
    void aNegativeCountIsRefused() {
        assertThatThrownBy(() -> new Target.Count(-1)).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("--remove");
    }
}
