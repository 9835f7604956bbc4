package dev.sglp.family;

import static dev.sglp.family.Both.asking;
import static dev.sglp.family.Both.items;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sglp.importance.BlockInfluence;
import dev.sglp.importance.Kl;
import dev.sglp.importance.ScoringTask;
import dev.sglp.importance.ScoringTask.Calibration;
import dev.sglp.importance.stream.Alone;
import dev.sglp.importance.stream.Hearing;
import dev.sglp.ledger.Ledger;
import dev.sglp.ledger.SharedScores;
import dev.sglp.model.Layer;
import dev.sglp.method.PlanningTask;
import dev.sglp.method.PlanningTask.Limits;
import dev.sglp.method.PlanningTask.Verification;
import dev.sglp.method.stream.PruneComp;
import dev.sglp.model.LayerSet;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.Pass;
import dev.sglp.model.wave.LayerSource;
import dev.sglp.model.wave.LayerSource.Aside;
import dev.sglp.model.wave.StreamedLayer;
import dev.sglp.progress.Progress;
import dev.sglp.repair.GapMaps;
import dev.sglp.repair.Refit;
import dev.sglp.repair.RepairTask;
import dev.sglp.segmentation.Segmentation;
import dev.sglp.segmentation.Segmentation.Segment;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Tensors;
import java.io.IOException;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The dense network's streams wait on disk while the repairs of single gaps are fitted, and give their places back.
final class FileStreamsTest {
    private static final int LONGEST = 1;
    private static final long STREAM = 8 * 12 * 16 * Float.BYTES;
    private final List<LayerSet> sets = IntStream.of(14, 1, 2, 3, 12, 4, 5, 6, 7, 8).mapToObj(bits -> new LayerSet(
            IntStream.range(0, 4).filter(i -> (bits >> i & 1) == 1).boxed().toList())).toList();

    /// Of a network that is large a few candidates go together behind what is known of it: whoever is stopped loses those alone.
    @Test
    void aLargeNetworkTellsScoresOfAFewAtATime() throws IOException {
        try (var both = Both.open("llama3", 1, 1 << 20); var _ = Scope.open()) {
            var told = new ArrayList<Long>(); // of what was read until then
            var data = new Calibration(items(5, 1), 2, 0);
            var task = asking(large(both), sets, data).told((_, _) -> told.add(Streaming.read(both.few())));
            var all = asking(both.streamed(), sets, data);
            assertThat(Kl.standard().scores(task)).isEqualTo(Kl.standard().scores(asking(both.whole(), sets, data)))
                    .isEqualTo(Kl.standard().scores(all));
            assertThat(task.work().forwardEquivalents()).isEqualTo(all.work().forwardEquivalents());
            assertThat(told).hasSize(sets.size());
            assertThat(told.stream().distinct()).hasSize(3);
            assertThat(told.getFirst()).isGreaterThan(both.layers()).isLessThanOrEqualTo(2 * both.layers());
        }
    }

    /// Killed behind the first of them, it has their scores; what both runs computed is not counted twice.
    @Test
    void whatWasToldIsNotScoredAgain(@TempDir Path folder) throws IOException {
        try (var both = Both.open("llama3", 1, 1 << 20); var _ = Scope.open()) {
            var data = new Calibration(items(5, 1), 2, 0);
            var whole = asking(both.streamed(), sets, data);
            var expected = Kl.standard().scores(whole);
            var killed = new ScoringTask(large(both), new Segment(0, 4), sets, data, new Progress.Step() {
                private int left = 4;

                @Override
                public void advance(long units) {
                    if (--left == 0) {
                        throw new IllegalStateException("killed");
                    }
                }

                @Override
                public void note(String what) {}

                @Override
                public void close() {}
            });
            assertThatThrownBy(() -> memory(folder).of(Kl.standard()).scores(killed)).hasMessage("killed");
            var rest = asking(large(both), sets, data);
            long before = Streaming.read(both.few());
            assertThat(memory(folder).of(Kl.standard()).scores(rest)).isEqualTo(expected);
            assertThat(Streaming.read(both.few()) - before).isLessThanOrEqualTo(2 * both.layers());
            assertThat(rest.work().forwardEquivalents())
                    .isBetween(whole.work().forwardEquivalents(), 1.5 * whole.work().forwardEquivalents());
        }
    }

    private static SharedScores memory(Path folder) {
        return new SharedScores(new Ledger(folder, "network"), Duration.ZERO);
    }

    private static LayeredModel large(Both both) {
        return over(both.streamed(), whole -> (_, method, arguments) -> method.getName().equals("bytes")
                ? 1L << 40
                : method.invoke(whole, arguments));
    }

    /// The same network with another source.
    ///
    /// @param other answers in the place of this one's
    static LayeredModel over(LayeredModel streamed, Function<LayerSource, InvocationHandler> other) {
        var source = (LayerSource) Proxy.newProxyInstance(FileStreamsTest.class.getClassLoader(),
                new Class<?>[]{LayerSource.class}, other.apply(LayerSource.of(streamed).orElseThrow()));
        return streamed.with(IntStream.range(0, streamed.layers().size()).<Layer>mapToObj(i -> new StreamedLayer(
                ((StreamedLayer) streamed.layers().get(i)).outline(), i, source)).toList());
    }

    private static PlanningTask planning(LayeredModel model, int remove, Calibration data) {
        return new PlanningTask(model, new Segmentation(List.of(0, model.layers().size()), List.of(), "given"),
                new BlockInfluence(), remove, LayerSet.of(2, 3), data,
                new Verification(data.examples(), Pass.evaluation()), new Limits(64, 0));
    }

    /// What a source is asked.
    private static final class Asked {
        private final AtomicLong waiting = new AtomicLong();
        private final AtomicLong most = new AtomicLong();
        private final List<Long> reserved = new ArrayList<>();
        private final long room;

        /// @param room of activations, in memory
        Asked(long room) {
            this.room = room;
        }

        InvocationHandler of(LayerSource whole) {
            return (_, method, arguments) -> {
                switch (method.getName()) {
                    case "reserve" -> reserved.add((Long) arguments[1]);
                    case "reserveWave" -> reserved.add((Long) arguments[0]);
                    case "room" -> {
                        return room;
                    }
                    default -> {
                    }
                }
                var result = method.invoke(whole, arguments);
                return method.getName().equals("aside")
                        ? counted((Aside) result, ((Tensor) arguments[0]).nbytes())
                        : result;
            };
        }

        private Aside counted(Aside aside, long bytes) {
            most.accumulateAndGet(waiting.addAndGet(bytes), Math::max);
            return new Aside() {
                @Override
                public Tensor read() {
                    return aside.read();
                }

                @Override
                public void free() {
                    aside.free();
                    waiting.addAndGet(-bytes);
                }
            };
        }

        LayeredModel asking(LayeredModel streamed) {
            return over(streamed, this::of);
        }
    }

    @Test
    void theirPlacesAreReservedAndUsedAgain() throws IOException {
        try (var both = Both.open("llama3", 1, 1 << 20); var _ = Scope.open()) {
            var asked = new Asked(1 << 20);
            var streamed = asked.asking(both.streamed());
            var data = items(8, 4);
            try (var maps = GapMaps.of(new RepairTask(streamed, streamed.removable(), data, 4), LONGEST,
                    Refit.OWN, Progress.silent());
                    var whole = GapMaps.of(new RepairTask(both.whole(), streamed.removable(), data, 4), LONGEST,
                            Refit.OWN, Progress.silent())) {
                assertThat(asked.most.get()).isEqualTo((LONGEST + 2) * STREAM)
                        .isLessThan(streamed.layers().size() * STREAM);
                assertThat(asked.waiting).hasValue(0);
                assertThat(asked.reserved)
                        .containsExactly(2 * GapMaps.bytes(streamed, streamed.removable(), LONGEST)
                                + (LONGEST + 2) * STREAM);
                var inputs = Both.tokens(2, 9);
                assertThat(Tensors.toDoubles(maps.without(LayerSet.of(2)).forward(inputs, Pass.evaluation())))
                        .isEqualTo(Tensors.toDoubles(whole.without(LayerSet.of(2)).forward(inputs, Pass.evaluation())));
            }
        }
    }

    /// One batch's at every place of the stream.
    @Test
    void whatWaitsToBeComparedByAnglesIsReserved() throws IOException {
        try (var both = Both.open("llama3", 1, 1 << 20); var _ = Scope.open()) {
            var asked = new Asked(STREAM);
            var streamed = asked.asking(both.streamed());
            var data = new Calibration(items(8, 4), 4, 0);
            var found = data.reading(streamed, Hearing.ANGLES).angles(data.meter(streamed)).angle();
            assertThat(asked.reserved).containsExactly((streamed.layers().size() + 1) * STREAM / 2 - STREAM);
            assertThat(asked.most).hasValue(asked.reserved.getFirst());
            assertThat(asked.waiting).hasValue(0);
            assertThat(found).isDeepEqualTo(
                    data.reading(both.whole(), Hearing.ANGLES).angles(data.meter(both.whole())).angle());
        }
    }

    /// Of runs of two layers a batch's at three places: the same angles.
    @Test
    void runsAreComparedAlone() throws IOException {
        try (var both = Both.open("llama3", 1, 1 << 20); var _ = Scope.open()) {
            var asked = new Asked(0);
            var streamed = asked.asking(both.streamed());
            var data = new Calibration(items(8, 4), 4, 0);
            var found = data.read(streamed, Set.of(Hearing.RUNS), Alone.NOBODY, 2)
                    .reading(streamed, Hearing.RUNS, 2).angles(data.meter(streamed)).angle();
            var all = data.reading(both.whole(), Hearing.ANGLES).angles(data.meter(both.whole())).angle();
            for (int i = 0; i < all.length; i++) {
                for (int j = 0; j < all.length; j++) {
                    int apart = Math.abs(i - j);
                    assertThat(found[i][j]).isEqualTo(apart == 1 || apart == 2 ? all[i][j] : 0);
                }
            }
            assertThat(asked.reserved).containsExactly(3 * STREAM / 2);
            assertThat(asked.most).hasValue(3 * STREAM / 2);
            assertThat(asked.waiting).hasValue(0);
        }
    }

    /// Four of them: at the first layer that may go, at the first gap, before a layer, behind it.
    @Test
    void theStreamsOfPruneCompAreReserved() throws IOException {
        try (var both = Both.open("llama3", 1, 1 << 20); var _ = Scope.open()) {
            var asked = new Asked(0);
            var streamed = asked.asking(both.streamed());
            var data = new Calibration(items(8, 4), 4, 0);
            var found = planning(streamed, 2, data);
            assertThat(new PruneComp().choose(found, Progress.silent()).removed())
                    .isEqualTo(new PruneComp().choose(planning(both.whole(), 2, data), Progress.silent())
                            .removed());
            assertThat(asked.reserved).containsExactly(4 * STREAM);
            assertThat(asked.most.get()).isBetween(3 * STREAM, 4 * STREAM);
            assertThat(asked.waiting).hasValue(0);
        }
    }
}
