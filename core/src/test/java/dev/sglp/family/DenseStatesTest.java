package dev.sglp.family;

import static dev.sglp.family.Both.asking;
import static dev.sglp.family.Both.items;
import static dev.sglp.family.Both.scores;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sglp.importance.Criterion;
import dev.sglp.importance.Kl;
import dev.sglp.importance.LossWhenAbsent;
import dev.sglp.importance.ScoringTask.Calibration;
import dev.sglp.model.LayerSet;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.Pass.Precision;
import dev.sglp.model.wave.DenseStates;
import dev.sglp.model.wave.LayerSource;
import dev.sglp.tensor.Scope;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What the dense network's layers gave is known to later questions.
final class DenseStatesTest {
    private final Map<LayerSource, DenseStates> states = new IdentityHashMap<>();

    /// What the dense network gave is known from the first question: the next one reads layer 2 alone, for the set that keeps it, and tells the same,
    /// as much work among it.
    @ParameterizedTest
    @CsvSource({"1, 2, FLOAT32", "1048576, 2, FLOAT32", "1048576, 5, FLOAT32", "1048576, 2, BFLOAT16"})
    void laterQuestionsBeginBehindTheLayersThatTheirNetworksShare(long room, int batchSize, Precision precision)
            throws IOException {
        var later = List.of(LayerSet.of(2, 3), LayerSet.of(3));
        for (var criterion : List.of(Kl.standard(), LossWhenAbsent.standard())) {
            try (var both = Both.open("llama3", 1, room);
                    var fresh = Both.open("llama3", 1, room);
                    var _ = Scope.open()) {
                var data = new Calibration(items(5, 1), batchSize, 0);
                var first = asking(both.streamed(), List.of(LayerSet.of(1)), data);
                Kl.standard().in(precision).scores(first);
                long before = Streaming.read(both.few());
                var second = asking(both.streamed(), later, data);
                var expected = asking(fresh.streamed(), later, data);
                assertThat(criterion.in(precision).scores(second))
                        .isEqualTo(criterion.in(precision).scores(expected))
                        .isEqualTo(criterion.in(precision).scores(asking(both.whole(), later, data)));
                assertThat(Streaming.read(both.few()) - before).isEqualTo(both.layers() / 4);
                assertThat(second.work().forwardEquivalents()).isEqualTo(expected.work().forwardEquivalents());
            }
        }
    }

    /// Of four data; a fifth sends away those that nobody has asked for the longest.
    @Test
    void theDenseStatesOfOtherDataAreOthers() throws IOException {
        var sets = List.of(LayerSet.of(3));
        try (var both = Both.open("llama3", 1, 1 << 20); var _ = Scope.open()) {
            var data = IntStream.range(0, 5).mapToObj(i -> new Calibration(items(5, i), 2, 0)).toList();
            long layer = both.layers() / 4;
            var read = new ArrayList<Long>();
            for (int i : new int[]{0, 1, 1, 0, 2, 3, 4, 0, 1}) {
                long before = Streaming.read(both.few());
                assertThat(scores(Kl.standard(), both.streamed(), sets, data.get(i)))
                        .isEqualTo(scores(Kl.standard(), both.whole(), sets, data.get(i)));
                read.add((Streaming.read(both.few()) - before) / layer);
            }
            assertThat(read).containsExactly(4L, 4L, 0L, 0L, 4L, 4L, 4L, 0L, 4L);
        }
    }

    /// Layers that a question about the last one reads.
    private static long read(Both both, LayeredModel streamed, Criterion criterion, Calibration data) {
        long before = Streaming.read(both.few());
        var sets = List.of(LayerSet.of(3));
        assertThat(scores(criterion, streamed, sets, data)).isEqualTo(scores(criterion, both.whole(), sets, data));
        return (Streaming.read(both.few()) - before) / (both.layers() / 4);
    }

    /// The loss is asked without the dense network: what is known of it is used, and nothing else is kept.
    @Test
    void theLossKeepsNothingAndUsesWhatIsKnown() throws IOException {
        try (var both = Both.open("llama3", 1, 1 << 20); var _ = Scope.open()) {
            var data = new Calibration(items(5, 1), 2, 0);
            var streamed = both.streamed();
            assertThat(read(both, streamed, LossWhenAbsent.standard(), data)).isEqualTo(3);
            assertThat(read(both, streamed, LossWhenAbsent.standard(), data)).isEqualTo(3);
            assertThat(read(both, streamed, Kl.standard(), data)).isEqualTo(4);
            assertThat(read(both, streamed, LossWhenAbsent.standard(), data)).isZero();
        }
    }

    /// Too little of it, none, or one that takes no more in the middle.
    @ParameterizedTest
    @ValueSource(strings = {"disk", "onDisk", "aside"})
    void withoutADiskNothingIsKept(String missing) throws IOException {
        try (var both = Both.open("llama3", 1, 1 << 20); var _ = Scope.open()) {
            var asides = new AtomicInteger();
            var streamed = FileStreamsTest.over(both.streamed(), whole -> (proxy, method, arguments) -> {
                boolean refused = method.getName().equals(missing);
                return switch (method.getName()) {
                    case "disk" -> refused ? 0L : 1L << 40;
                    case "onDisk" -> !refused;
                    case "states" -> states.computeIfAbsent((LayerSource) proxy, DenseStates::new);
                    case "aside" -> {
                        if (refused && asides.incrementAndGet() > 2) {
                            throw new UncheckedIOException(new IOException("full"));
                        }
                        yield method.invoke(whole, arguments);
                    }
                    default -> method.invoke(whole, arguments);
                };
            });
            var data = new Calibration(items(5, 1), 2, 0);
            assertThat(read(both, streamed, Kl.standard(), data)).isEqualTo(4);
            assertThat(read(both, streamed, Kl.standard(), data)).isEqualTo(4);
            states.values().forEach(DenseStates::close);
        }
    }
}
