package dev.sglp.repair.solver;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sglp.model.Layout;
import dev.sglp.tensor.DType;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Tensors;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Images of 12 × 12 places, of which 64 are looked at.
final class PositionsTest {
    private static final int ALL = 300;
    private static final int EACH = 144;

    /// Counted over all images, of which those from `first` on are in this batch.
    private static double[] of(int first, int examples) {
        try (var _ = Scope.open()) {
            var output = Tensors.zeros(DType.F32, examples, 1, 12, 12);
            var found = Tensors.toDoubles(new Positions(Layout.MAPS).of(output, Optional.empty(), first));
            return DoubleStream.of(found).map(place -> place + (double) first * EACH).toArray();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 32, 100, 128, 256})
    void anImageIsLookedAtInTheSamePlacesWhateverBatchItIsIn(int batch) {
        var whole = of(0, ALL);
        assertThat(whole).hasSize(64 * ALL).isSorted();
        assertThat(Arrays.stream(whole).distinct().count()).isEqualTo(64L * ALL);
        var inBatches = DoubleStream.empty();
        for (int first = 0; first < ALL; first += batch) {
            inBatches = DoubleStream.concat(inBatches, Arrays.stream(of(first, Math.min(batch, ALL - first))));
        }
        assertThat(inBatches.toArray()).isEqualTo(whole);
    }

    @Test
    void twoImagesAreLookedAtInDifferentPlaces() {
        assertThat(DoubleStream.of(of(0, 1)).toArray())
                .isNotEqualTo(DoubleStream.of(of(1, 1)).map(place -> place - EACH).toArray());
    }
}
