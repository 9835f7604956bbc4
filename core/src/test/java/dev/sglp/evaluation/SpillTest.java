package dev.sglp.evaluation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sglp.Numbers;
import dev.sglp.family.decoder.Pico;
import dev.sglp.model.LayerSet;
import dev.sglp.progress.Progress;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Tensors;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What does not fit in memory waits in a file.
final class SpillTest {
    @Test
    void whatWaitsInAFileIsWhatWasKept() throws IOException {
        try (var _ = Scope.open(); var spill = new Spill(20)) {
            var first = spill.keep(Tensors.floats(new float[]{1, 2, 3, 4}, 2, 2));
            var second = spill.keep(Tensors.floats(new float[]{5, 6}, 1, 2));
            var third = spill.keep(Tensors.floats(new float[]{Float.NaN}, 1));
            assertThat(Tensors.toDoubles(first)).containsExactly(1, 2, 3, 4);
            assertThat(Tensors.shape(second)).containsExactly(1L, 2L);
            assertThat(Tensors.toDoubles(second)).containsExactly(5, 6);
            assertThat(Tensors.toDoubles(third)).containsExactly(Double.NaN);
            List.of(first, second, third).forEach(Scope::free);
        }
    }

    @Test
    void networksAreComparedAlike() throws IOException {
        try (var _ = Scope.open(); var pico = Pico.open("llama3")) {
            var model = pico.model();
            var data = new Numbers.Counted(60, 80, 0, i -> i * i % 40);
            try (var inMemory = TokenPredictions.of(model, data, new Spill(), Progress.Silent.INSTANCE);
                    var inFile = TokenPredictions.of(model, data, new Spill(0), Progress.Silent.INSTANCE)) {
                var without = List.of(model.without(LayerSet.of(1)));
                var expected = new TokenComparison(inMemory, without).over(data, Progress.Silent.INSTANCE);
                assertThat(new TokenComparison(inFile, without).over(data, Progress.Silent.INSTANCE))
                        .isEqualTo(expected);
            }
        }
    }
}
