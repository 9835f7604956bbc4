package dev.sglp.family;

import static dev.sglp.family.Both.items;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sglp.importance.Kl;
import dev.sglp.importance.ScoringTask;
import dev.sglp.importance.ScoringTask.Calibration;
import dev.sglp.model.Layer;
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
import dev.sglp.segmentation.Segmentation.Segment;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Tensors;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

/// The dense network's streams wait on disk while the repairs of single gaps are fitted, and give their places back.
final class FileStreamsTest {
    private static final int LONGEST = 1;
    private static final long STREAM = 8 * 12 * 16 * Float.BYTES;

    /// Of a network that is large a few candidates go together behind what is known of it: whoever is stopped loses those alone.
    @Test
    void aLargeNetworkTellsScoresOfAFewAtATime() throws IOException {
        var sets = IntStream.of(14, 1, 2, 3, 12, 4, 5, 6, 7, 8).mapToObj(bits -> new LayerSet(
                IntStream.range(0, 4).filter(i -> (bits >> i & 1) == 1).boxed().toList())).toList();
        try (var both = Both.open("llama3", 1, 1 << 20); var _ = Scope.open()) {
            var told = new ArrayList<Long>(); // of what was read until then
            var streamed = over(both.streamed(), whole -> (LayerSource) Proxy.newProxyInstance(
                    getClass().getClassLoader(), new Class<?>[]{LayerSource.class},
                    (_, method, arguments) -> method.getName().equals("bytes")
                            ? 1L << 40
                            : method.invoke(whole, arguments)));
            var data = new Calibration(items(5, 1), 2, 0);
            var task = asking(streamed, sets, data).told((_, _) -> told.add(Streaming.read(both.few())));
            var all = asking(both.streamed(), sets, data);
            assertThat(Kl.standard().scores(task)).isEqualTo(Kl.standard().scores(asking(both.whole(), sets, data)))
                    .isEqualTo(Kl.standard().scores(all));
            assertThat(task.work().forwardEquivalents()).isEqualTo(all.work().forwardEquivalents());
            assertThat(told).hasSize(sets.size());
            assertThat(told.stream().distinct()).hasSize(3);
            assertThat(told.getFirst()).isGreaterThan(both.layers()).isLessThanOrEqualTo(2 * both.layers());
        }
    }

    private static ScoringTask asking(LayeredModel model, List<LayerSet> sets, Calibration data) {
        return new ScoringTask(model, new Segment(0, model.layers().size()), sets, data,
                Progress.silent().step("", 0, ""));
    }

    private static LayeredModel over(LayeredModel streamed, UnaryOperator<LayerSource> other) {
        var source = other.apply(LayerSource.of(streamed).orElseThrow());
        return streamed.with(IntStream.range(0, streamed.layers().size()).<Layer>mapToObj(i -> new StreamedLayer(
                ((StreamedLayer) streamed.layers().get(i)).outline(), i, source)).toList());
    }

    /// What a source is asked.
    private static final class Asked {
        private final AtomicLong waiting = new AtomicLong();
        private final AtomicLong most = new AtomicLong();
        private final List<Long> reserved = new ArrayList<>();

        LayerSource of(LayerSource whole) {
            return (LayerSource) Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[]{LayerSource.class},
                    (_, method, arguments) -> {
                        if (method.getName().equals("reserve")) {
                            reserved.add((Long) arguments[1]);
                        }
                        var result = method.invoke(whole, arguments);
                        return method.getName().equals("aside")
                                ? counted((Aside) result, ((Tensor) arguments[0]).nbytes())
                                : result;
                    });
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
            var asked = new Asked();
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
}
