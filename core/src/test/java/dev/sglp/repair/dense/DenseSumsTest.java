package dev.sglp.repair.dense;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sglp.Numbers;
import dev.sglp.Scoped;
import dev.sglp.data.Stretch;
import dev.sglp.family.Both;
import dev.sglp.family.Streaming;
import dev.sglp.model.LayerSet;
import dev.sglp.model.LayeredModel;
import dev.sglp.progress.Progress;
import dev.sglp.repair.GapMaps;
import dev.sglp.repair.Refit;
import dev.sglp.repair.RepairTask;
import dev.sglp.tensor.DType;
import dev.sglp.tensor.Tensors;
import java.io.IOException;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(Scoped.class)
final class DenseSumsTest {
    private static final Numbers.Counted ITEMS = new Numbers.Counted(8, 9, 0, i -> i * i % 40);
    private static final LayerSet PLAN = LayerSet.of(1, 2);

    private static RepairTask task(LayeredModel model, DenseSums sums) {
        return new RepairTask(model, PLAN, ITEMS, 2).knowing(sums);
    }

    private static List<double[]> repaired(LayeredModel model, DenseSums sums) {
        try (var found = Refit.standard().repair(task(model, sums), Progress.silent())) {
            return found.tensors().values().stream().map(Tensors::toDoubles).toList();
        }
    }

    private static Tensor numbers(long... all) {
        return Tensors.longs(all);
    }

    /// Of eight windows the view has seen five: two whole batches, and half a one.
    @Test
    void aRepairThatKnowsABeginningOfTheDenseStreamComesToTheSameNumbers() throws IOException {
        try (var both = Both.open("llama3", 1, 1 << 20); var sums = DenseSums.of(both.whole())) {
            var model = both.whole();
            GapMaps.of(new RepairTask(model, model.removable(), new Stretch(ITEMS, 0, 5), 2).knowing(sums), 2,
                    Refit.OWN, Progress.silent()).close();
            for (int layer = 0; layer < model.layers().size(); layer++) {
                assertThat(sums.of(0, ITEMS.batch(0, 2).inputs()).find(layer)).isPresent();
                assertThat(sums.of(2, ITEMS.batch(4, 6).inputs()).find(layer)).isEmpty();
            }
            assertThat(repaired(model, sums)).usingRecursiveComparison().isEqualTo(repaired(model, DenseSums.none()));
        }
    }

    @Test
    void whatIsKnownIsNotRunAgain() throws IOException {
        try (var both = Both.open("llama3", 1, 1 << 20); var sums = DenseSums.of(both.whole())) {
            var known = sums.of(1, ITEMS.batch(2, 4).inputs());
            known.keep(2, Tensors.zeros(DType.F32, 2, 9, 16));
            assertThat(repaired(both.whole(), sums)).usingRecursiveComparison()
                    .isNotEqualTo(repaired(both.whole(), DenseSums.none()));
        }
    }

    @Test
    void otherInputsKnowNothing() {
        try (var sums = new DenseSums(1 << 20)) {
            sums.of(0, numbers(1, 2)).keep(3, numbers(7));
            assertThat(sums.of(0, numbers(1, 2)).find(3)).isPresent();
            assertThat(sums.of(0, numbers(1, 2)).find(2)).isEmpty();
            assertThat(sums.of(0, numbers(1, 3)).find(3)).isEmpty();
            assertThat(sums.of(0, numbers(1)).find(3)).isEmpty();
            assertThat(sums.of(1, numbers(1, 2)).find(3)).isEmpty();
        }
    }

    @Test
    void noMoreIsKeptThanThereIsRoomFor() {
        try (var sums = new DenseSums(24)) {
            var known = sums.of(0, numbers(1, 2));
            known.keep(0, numbers(7));
            known.keep(1, numbers(8));
            assertThat(known.find(0)).isPresent();
            assertThat(known.find(1)).isEmpty();
            sums.of(1, numbers(3)).keep(0, numbers(9));
            assertThat(sums.of(1, numbers(3)).find(0)).isEmpty();
        }
    }

    /// Where layers are read from a file all that has room waits on disk, and the next repair reads fewer.
    @Test
    void ofANetworkThatIsReadFromItsFileAllIsKept() throws IOException {
        try (var both = Both.open("llama3", 1, 1 << 20); var sums = DenseSums.of(both.streamed())) {
            var model = both.streamed();
            assertThat(sums.of(0, ITEMS.batch(0, 2).inputs()).wantsAll()).isTrue();
            var alone = repaired(both.whole(), DenseSums.none());
            assertThat(repaired(model, sums)).usingRecursiveComparison().isEqualTo(alone);
            long once = Streaming.read(both.few());
            assertThat(repaired(model, sums)).usingRecursiveComparison().isEqualTo(alone);
            assertThat(Streaming.read(both.few()) - once).isLessThan(once);
            sums.ended();
            assertThat(sums.of(0, ITEMS.batch(0, 2).inputs()).wantsAll()).isFalse();
            assertThat(repaired(model, sums)).usingRecursiveComparison().isEqualTo(alone);
        }
    }
}
