package dev.sglp.similarity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sglp.Oracle;
import dev.sglp.Scoped;
import dev.sglp.TinyNetwork;
import dev.sglp.data.Dataset;
import dev.sglp.evaluation.Memory;
import dev.sglp.progress.Progress;
import dev.sglp.similarity.Cka.Estimator;
import dev.sglp.similarity.Cka.Kernel;
import dev.sglp.tensor.NativeHeap;
import dev.sglp.tensor.Seed;
import dev.sglp.tensor.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Centred kernel alignment of more examples than fit.
@ExtendWith(Scoped.class)
final class CkaMemoryTest {
    private static final int D = 6;

    private static Dataset examples(int n, int width) {
        return new Oracle.Items(Seed.of(2).normal("examples", 1, n, width), Tensors.longs(new long[n]),
                List.of("a", "b"));
    }

    /// Blocks beside all that follow, with batches of less than a cell and of several that a block cuts; all in one block; in one pass that keeps
    /// no rows.
    @ParameterizedTest
    @CsvSource({"LINEAR, 16, 2500000", "RBF, 16, 1200000", "LINEAR, 200, 1200000", "LINEAR, 1, 1200000",
            "LINEAR, 1500, 3000000", "RBF, 1500, 5000000"})
    void lessMemoryChangesNoBit(Kernel kernel, int batchSize, long little) {
        int width = 200;
        var model = TinyNetwork.random(3, width, 21);
        var data = examples(1500, width);
        int[] subset = IntStream.range(0, 1430).filter(i -> i % 3 != 1).toArray();
        var passes = new ArrayList<Integer>();
        var found = Stream.of(little, 1L << 30).map(memory -> {
            var steps = new Steps();
            var resampled = new Cka(kernel, 0.5, Estimator.UNBIASED, Representation.FLAT, batchSize, memory).of(model,
                    data, List.of(subset), steps);
            assertThat(steps.done).isEqualTo(steps.total);
            passes.add(steps.total);
            return resampled;
        }).toList();
        if (rowsAreIndependent(width)) {
            assertThat(found.getFirst()).isEqualTo(found.getLast());
        }
        close(found.getFirst().whole(), found.getLast().whole());
        close(found.getFirst().subsets().getFirst(), found.getLast().subsets().getFirst());
        assertThat(passes.getFirst()).isGreaterThan(passes.getLast());
        assertThat(passes.getLast()).isEqualTo(batchSize == 1500 ? 3 : 1500); // layers where no rows are kept, else examples
    }

    /// Whether a row of a product has the same bits however many are multiplied with it, which is so of OpenBLAS's kernels for AVX-512 and not of
    /// those for AVX2: where memory is little fewer examples go together.
    private static boolean rowsAreIndependent(int width) {
        var x = Seed.of(3).normal("rows", 1, 1500, width);
        var w = Seed.of(3).normal("weights", 1, width, width);
        double[] all = Tensors.toDoubles(torch.linear(x, w));
        return IntStream.of(1, 16, 64, 100, 200, 750).allMatch(n -> Arrays.equals(
                Tensors.toDoubles(torch.linear(x.narrow(0, 0, n), w)), Arrays.copyOf(all, n * width)));
    }

    private static void close(SimilarityMatrix one, SimilarityMatrix other) {
        for (int i = 0; i < one.size(); i++) {
            for (int j = 0; j < one.size(); j++) {
                assertThat(one.get(i, j)).isCloseTo(other.get(i, j), within(1e-6));
            }
        }
    }

    /// Counts what a step was said to take, and what it took.
    private static final class Steps implements Progress {
        private int total;
        private int done;

        @Override
        public void say(String line) {}

        @Override
        public Step step(String task, long units, String unit) {
            total = Math.toIntExact(units);
            done = 0;
            return new Step() {
                @Override
                public void advance(long more) {
                    done += Math.toIntExact(more);
                }

                @Override
                public void note(String what) {}

                @Override
                public void close() {}
            };
        }
    }

    /// Ten layers' Gram matrices of 3,000 examples would take 720 MB.
    @ParameterizedTest
    @CsvSource({"LINEAR, BIASED", "LINEAR, UNBIASED", "RBF, BIASED"})
    void moreExamplesThanFitTakeTimeAndNotMemory(Kernel kernel, Estimator estimator) {
        Assumptions.assumeTrue(Memory.resetPeak(), "the system does not say how much memory was resident");
        long bound = 48L << 20;
        var model = TinyNetwork.random(10, D, 2);
        var data = examples(3000, D);
        var cka = new Cka(kernel, 0.5, estimator, Representation.FLAT, 128, bound);
        cka.of(model, examples(300, D), Progress.silent()); // what is made once
        NativeHeap.trim();
        long before = Memory.residentBytes();
        Memory.resetPeak();
        cka.of(model, data, Progress.silent());
        assertThat(Memory.peakResidentBytes() - before).isLessThan(2 * bound);
    }
}
