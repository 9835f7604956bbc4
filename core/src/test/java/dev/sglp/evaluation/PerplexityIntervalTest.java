package dev.sglp.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sglp.Numbers;
import dev.sglp.Scoped;
import dev.sglp.data.Batch;
import dev.sglp.data.Dataset;
import dev.sglp.evaluation.PerplexityInterval.Window;
import dev.sglp.family.decoder.Pico;
import dev.sglp.progress.Progress;
import dev.sglp.tensor.Tensors;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(Scoped.class)
final class PerplexityIntervalTest {
    /// Windows of random tokens, of these lengths; what is shorter than the longest of a batch has no target at its end.
    private record Words(int... lengths) implements Dataset {
        @Override
        public String name() {
            return "words";
        }

        @Override
        public int size() {
            return lengths.length;
        }

        @Override
        public Batch batch(int from, int to) {
            int width = Arrays.stream(lengths, from, to).max().orElseThrow();
            long[] tokens = new long[(to - from) * width];
            long[] targets = new long[tokens.length];
            Arrays.fill(targets, -100);
            for (int w = from; w < to; w++) {
                var random = new Random(w);
                for (int t = 0; t < lengths[w]; t++) {
                    int at = (w - from) * width + t;
                    tokens[at] = random.nextInt(40);
                    if (t > 0) {
                        targets[at - 1] = tokens[at];
                    }
                }
            }
            return new Batch(Tensors.longs(tokens).view(to - from, width),
                    Tensors.longs(targets).view(to - from, width));
        }

        @Override
        public List<String> classes() {
            return List.of();
        }

        @Override
        public List<String> itemHashes() {
            return List.of();
        }
    }

    private static double integral(DoubleUnaryOperator f, double to) {
        int n = 20_000; // Simpson's rule
        return IntStream.rangeClosed(0, n)
                .mapToDouble(i -> f.applyAsDouble(i * to / n) * (i == 0 || i == n ? 1 : i % 2 == 0 ? 2 : 4)).sum() * to
                / n
                / 3;
    }

    /// By the definition: with x = √ν·tan θ the density of Student's t is that of cos θ to the power ν − 1.
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 10, 11, 12, 20, 40, 63})
    void betweenPlusAndMinusTheQuantileLieNinetyFivePercent(int freedom) {
        DoubleUnaryOperator density = angle -> Math.pow(Math.cos(angle), freedom - 1);
        double inside = integral(density, Math.atan(PerplexityInterval.student(freedom) / Math.sqrt(freedom)));
        assertThat(inside / integral(density, Math.PI / 2)).isCloseTo(0.95, within(1e-4));
    }

    /// Blocks of as many tokens each: the standard error of a mean.
    @Test
    void ofEqualBlocksItIsTheMeansStandardError() {
        double[] means = {2.1, 1.7, 2.4, 1.9, 2.0};
        var found = PerplexityInterval
                .of(IntStream.range(0, 5).mapToObj(i -> new Window(i, 10, 10 * means[i])).toList())
                .orElseThrow();
        double mean = Arrays.stream(means).average().orElseThrow();
        double variance = Arrays.stream(means).map(m -> (m - mean) * (m - mean)).sum() / 4;
        double error = Math.sqrt(variance / 5);
        assertThat(found.lossError()).isCloseTo(error, within(1e-12));
        assertThat(found.low()).isCloseTo(Math.exp(mean - 2.776445 * error), within(1e-9));
        assertThat(found.high()).isCloseTo(Math.exp(mean + 2.776445 * error), within(1e-9));
        assertThat(found.blocks()).isEqualTo(5);
        assertThat(found.method()).isEqualTo("spread between the windows, Student's t");
        assertThat(PerplexityInterval.of(List.of(new Window(0, 10, 20)))).isEmpty();
        assertThat(PerplexityInterval.of(List.of())).isEmpty();
    }

    /// Neighbours depend on each other (an autoregression of 0.6): from window to window the error would be half of what it is.
    @Test
    void itHoldsTheTruthAsOftenAsItSaysThoughWindowsDependOnTheirNeighbours() {
        var random = new Random(8);
        int held = 0;
        for (int text = 0; text < 400; text++) {
            var windows = new ArrayList<Window>();
            double drift = 0;
            for (int w = 0; w < 20 * 38; w++) {
                drift = 0.6 * drift + random.nextGaussian();
                windows.add(new Window(w, 100, 100 * (3 + 0.1 * drift)));
            }
            var found = PerplexityInterval.of(windows).orElseThrow();
            assertThat(found.blocks()).isEqualTo(20);
            held += found.low() <= Math.exp(3) && Math.exp(3) <= found.high() ? 1 : 0;
        }
        assertThat(held / 400.0).isBetween(0.91, 0.98);
    }

    @ParameterizedTest
    @ValueSource(ints = {20, 21, 65, 130, 1000})
    void everyWindowIsInABlock(int count) {
        var found = PerplexityInterval.of(IntStream.range(0, count).mapToObj(i -> new Window(i, 1 + i % 3, 2)).toList())
                .orElseThrow();
        assertThat(found.blocks()).isBetween(11, 20).isLessThanOrEqualTo(count);
        double loss = 2.0 * count / IntStream.range(0, count).map(i -> 1 + i % 3).sum();
        assertThat(Math.sqrt(found.low() * found.high())).isCloseTo(Math.exp(loss), within(1e-9));
    }

    /// Windows of several lengths, in pieces and stretches, alone and compared: as each window measured alone.
    @Test
    void theLossOfEveryWindowIsItsOwn() throws IOException {
        try (var pico = Pico.open("llama3")) {
            var words = new Words(5, 9, 3, 30, 2, 8, 8);
            var alone = IntStream.range(0, words.size()).mapToObj(i -> {
                try (var found = TokenPredictions.sums(pico.model(), new One(words, i), Progress.silent())) {
                    return new Window(i, found.size(), found.loss() * found.size());
                }
            }).toList();
            var wanted = PerplexityInterval.of(alone).orElseThrow();
            var evaluator = new Evaluator(words, 4);
            var measured = evaluator.measure(pico.model(), Progress.silent());
            assertClose(measured.interval(), wanted);
            try (var dense = evaluator.predict(pico.model(), Progress.silent())) {
                assertClose(evaluator.evaluate(pico.model(), dense).interval(), wanted);
                assertClose(evaluator.compare(pico.model(), dense, Progress.silent()).interval(), wanted);
            }
            assertThat(measured.perplexity()).isBetween(wanted.low(), wanted.high());
        }
    }

    private static void assertClose(PerplexityInterval found, PerplexityInterval wanted) {
        assertThat(found.blocks()).isEqualTo(7);
        assertThat(found.low()).isCloseTo(wanted.low(), within(1e-3));
        assertThat(found.high()).isCloseTo(wanted.high(), within(1e-3));
        assertThat(found.lossError()).isCloseTo(wanted.lossError(), within(1e-5));
    }

    /// One window of others.
    private record One(Words words, int which) implements Numbers {
        @Override
        public int size() {
            return 1;
        }

        @Override
        public Batch batch(int from, int to) {
            return words.batch(which, which + 1);
        }
    }
}
