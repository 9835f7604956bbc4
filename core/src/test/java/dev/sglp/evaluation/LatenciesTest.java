package dev.sglp.evaluation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sglp.Numbers;
import dev.sglp.Scoped;
import dev.sglp.data.Batch;
import dev.sglp.family.decoder.Pico;
import dev.sglp.model.LayerSet;
import dev.sglp.progress.Told;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Tensors;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(Scoped.class)
final class LatenciesTest {
    private final Told told = new Told();

    /// One window of zeros.
    private record Window(int width) implements Numbers {
        @Override
        public String name() {
            return "a window";
        }

        @Override
        public int size() {
            return 1;
        }

        @Override
        public Batch batch(int from, int to) {
            var ids = Scope.yield(() -> Tensors.longs(new long[width]).view(1, width));
            return new Batch(ids, ids);
        }
    }

    @Test
    void aWindowThatTakesTooLongIsShortenedAndSaid() throws IOException {
        try (var pico = Pico.open("llama3")) {
            var found = Latencies.of(List.of(pico.model(), pico.model().without(LayerSet.of(1, 2))), new Window(64),
                    1e-6, told);
            assertThat(found).hasSize(2).allSatisfy(latency -> {
                assertThat(latency.tokens()).isEqualTo(16);
                assertThat(latency.window()).isEqualTo(64);
                assertThat(latency.batch1().runs()).isEqualTo(1);
            });
            var ratio = found.getLast().batch1().againstDense();
            assertThat(ratio).isEqualTo(new Evaluation.Ratio(Double.NaN, Double.NaN, Double.NaN, 0, 1, false));
            assertThat(told.lines()).singleElement().asString().contains("timed on 16 tokens", "all 64 of a window",
                    "--latency-budget");
        }
    }

    @Test
    void aWindowThatFitsIsTimedWhole() throws IOException {
        try (var pico = Pico.open("llama3")) {
            var found = Latencies.of(List.of(pico.model()), new Window(64), 20, told).getFirst();
            assertThat(found.tokens()).isEqualTo(64);
            assertThat(found.window()).isNull();
            assertThat(found.batch1().againstDense()).isNull();
            assertThat(found.batch1().runs()).isGreaterThanOrEqualTo(8);
            assertThat(found.tokensPerSecond()).isEqualTo(64_000 / found.batch1().median());
            assertThat(told.lines()).isEmpty();
            assertThat(told.steps()).containsExactly("timing forward passes: 20 s at most");
        }
    }

    /// A network against itself, and against one that is several times as small.
    @Test
    void aDifferenceIsSeenWhereThereIsOne() throws IOException {
        try (var pico = Pico.open("llama3")) {
            var dense = pico.model();
            var found = Latencies.of(List.of(dense, dense.without(LayerSet.of(0, 1, 2, 3))), new Window(64), 20, told);
            var ratio = found.getLast().batch1().againstDense();
            assertThat(ratio).isNotNull();
            assertThat(ratio.differenceMeasured()).isTrue();
            assertThat(ratio.low()).isGreaterThan(1.2).isLessThanOrEqualTo(ratio.timesAsFast());
        }
    }
}
