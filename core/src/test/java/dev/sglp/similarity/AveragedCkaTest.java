package dev.sglp.similarity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sglp.Oracle;
import dev.sglp.Scoped;
import dev.sglp.TinyNetwork;
import dev.sglp.data.Stretch;
import dev.sglp.progress.Progress;
import dev.sglp.similarity.Cka.Estimator;
import dev.sglp.similarity.Cka.Kernel;
import dev.sglp.tensor.Seed;
import dev.sglp.tensor.Tensors;
import java.util.List;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The similarity of every 64 examples, averaged.
@ExtendWith(Scoped.class)
final class AveragedCkaTest {
    private static final int D = 6;

    /// A last batch of fewer counts for less; one of a single example says nothing.
    @ParameterizedTest
    @CsvSource({"128, 0", "129, 0", "160, 0.5"})
    void itIsTheMeanOfTheBatches(int n, double last) {
        var model = TinyNetwork.random(3, D, 11);
        var data = new Oracle.Items(Seed.of(11).normal("examples", 1, n, D), Tensors.longs(new long[n]),
                List.of("a", "b"));
        var cka = new Cka(Kernel.LINEAR, 0.5, Estimator.AVERAGED, Representation.FLAT, 16, 1 << 20);
        var found = cka.of(model, data, Progress.silent());
        var starts = last > 0 ? List.of(0, 64, 128) : List.of(0, 64);
        var batches = starts.stream().map(start -> cka.with(Estimator.BIASED).of(model,
                new Stretch(data, start, Math.min(n, start + 64)), Progress.silent())).toList();
        for (int i = 0; i < 3; i++) {
            for (int j = 0; j < 3; j++) {
                double sum = batches.get(0).get(i, j) + batches.get(1).get(i, j)
                        + (last > 0 ? last * batches.get(2).get(i, j) : 0);
                assertThat(found.get(i, j)).isCloseTo(sum / (2 + last), within(1e-9));
            }
        }
        assertThat(found.estimator()).isEqualTo("averaged");
    }
}
