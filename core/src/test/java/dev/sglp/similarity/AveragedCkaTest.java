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
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
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

    /// A subset's batches are what it has of the whole's, and count as much; a single example says nothing.
    @ParameterizedTest
    @CsvSource({"10, 100, 10-64 64-100, 1", "63, 128, 64-128, 0", "100, 160, 100-128 128-160, 0.5"})
    void aSubsetsIsTheMeanOfWhatItHasOfEach(int from, int to, String parts, double last) {
        var model = TinyNetwork.random(3, D, 11);
        var data = new Oracle.Items(Seed.of(11).normal("examples", 1, 160, D), Tensors.longs(new long[160]),
                List.of("a", "b"));
        var cka = new Cka(Kernel.LINEAR, 0.5, Estimator.AVERAGED, Representation.FLAT, 16, 1 << 20);
        var found = cka.of(model, data, List.of(IntStream.range(from, to).toArray()), Progress.silent()).subsets()
                .getFirst();
        var batches = Arrays.stream(parts.split(" ")).map(part -> part.split("-"))
                .map(ends -> cka.with(Estimator.BIASED).of(model,
                        new Stretch(data, Integer.parseInt(ends[0]), Integer.parseInt(ends[1])), Progress.silent()))
                .toList();
        for (int i = 0; i < 3; i++) {
            for (int j = 0; j < 3; j++) {
                double sum = batches.getFirst().get(i, j) + last * batches.getLast().get(i, j);
                assertThat(found.get(i, j)).isCloseTo(sum / (1 + last), within(1e-9));
            }
        }
        assertThat(found.examples()).isEqualTo(to - from - (from == 63 ? 1 : 0));
    }
}
