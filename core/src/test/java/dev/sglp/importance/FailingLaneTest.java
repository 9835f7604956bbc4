package dev.sglp.importance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sglp.Numbers;
import dev.sglp.Oracle;
import dev.sglp.TinyNetwork;
import dev.sglp.data.Batch;
import dev.sglp.data.Dataset;
import dev.sglp.family.ModelFile;
import dev.sglp.importance.ScoringTask.Calibration;
import dev.sglp.model.LayerSet;
import dev.sglp.progress.Progress;
import dev.sglp.segmentation.Segmentation.Segment;
import dev.sglp.tensor.DType;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Tensors;
import dev.sglp.tensor.Threads;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Data that cannot be read in the middle of scoring.
final class FailingLaneTest {
    private static final int BATCHES = 400;

    /// One window a batch; the third batch that anybody asks for cannot be read.
    private record Breaking(Dataset items, AtomicInteger asked) implements Numbers {
        @Override
        public int size() {
            return items.size();
        }

        @Override
        public Batch batch(int from, int to) {
            if (asked.incrementAndGet() == 3) {
                throw new IllegalStateException("the disk is gone");
            }
            return items.batch(from, to);
        }
    }

    static Stream<Criterion> criteria() {
        return Stream.of(GradNorm.standard(), GradNorm.skipping(), LossWhenAbsent.standard());
    }

    @ParameterizedTest
    @MethodSource("criteria")
    void theOthersStopAtTheirNextBatchAndTheFailureIsTold(Criterion criterion) throws IOException {
        int before = Threads.count();
        try (var file = ModelFile.open(Path.of("src/test/resources/decoder/llama3")); var weights = file.forReading()) {
            Threads.use(2);
            var asked = new AtomicInteger();
            var data = new Breaking(new Numbers.Counted(BATCHES, 32, 0, i -> i % 7), asked);
            var sets = IntStream.range(0, 2).mapToObj(LayerSet::of).toList();
            var task = new ScoringTask(file.architecture().build(weights), new Segment(0, 2), sets,
                    new Calibration(data, 1, 0), Progress.Silent.INSTANCE);
            assertThatThrownBy(() -> criterion.scores(task)).hasMessage("the disk is gone");
            assertThat(asked).as("batches that two lanes of %d asked for", BATCHES).hasValueLessThan(BATCHES / 2);
        } finally {
            Threads.use(before);
        }
    }

    @Test
    void noScopeStaysOpen() {
        try (var _ = Scope.open()) {
            var scope = PointerScope.getInnerScope();
            var items = new Oracle.Items(Tensors.zeros(DType.F32, 2, 3), Tensors.longs(new long[2]), List.of("a"));
            var task = new ScoringTask(TinyNetwork.random(3, 3, 0), new Segment(0, 3), List.of(LayerSet.of(0)),
                    new Calibration(new Breaking(items, new AtomicInteger(2)), 2, 0), Progress.Silent.INSTANCE);
            assertThatThrownBy(() -> GradNorm.standard().scores(task)).hasMessage("the disk is gone");
            assertThat(PointerScope.getInnerScope()).isSameAs(scope);
        }
    }
}
