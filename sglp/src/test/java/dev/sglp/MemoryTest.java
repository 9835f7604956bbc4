package dev.sglp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sglp.data.Batch;
import dev.sglp.data.DataRoles;
import dev.sglp.data.Dataset;
import dev.sglp.evaluation.Memory;
import dev.sglp.evaluation.Predictions;
import dev.sglp.importance.Criterion;
import dev.sglp.importance.GradNorm;
import dev.sglp.importance.LossWhenAbsent;
import dev.sglp.importance.ScoringTask;
import dev.sglp.importance.ScoringTask.Calibration;
import dev.sglp.model.LayerSet;
import dev.sglp.progress.Progress;
import dev.sglp.segmentation.Segmentation.Segment;
import dev.sglp.similarity.Cka;
import dev.sglp.tensor.Scope;
import dev.sglp.training.BatchNormEstimation;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Two hundred batches of each loop keep the process as large as it was after the first ones. Any activation, gradient or
/// batch kept by a loop would be 40 to 50 MB.
final class MemoryTest {
    private static final int BATCHES = 200;
    private static final int BATCH = 64;
    private static final long MOST_BYTES = 20L << 20;
    private Pico pico;

    @BeforeEach
    void open() {
        Assumptions.assumeTrue(Memory.residentBytes() > 0, "the system does not say how much memory a process holds");
        pico = Pico.open();
    }

    @AfterEach
    void close() {
        if (pico != null) {
            pico.close();
        }
    }

    /// The fixture's images over and over.
    private record Repeated(Dataset items, int size) implements Dataset {
        @Override
        public String name() {
            return "repeated";
        }

        @Override
        public Batch batch(int from, int to) {
            var whole = items.batch(0, 8);
            long times = Math.ceilDiv(to - from, 8);
            return new Batch(whole.inputs().repeat(times, 1, 1, 1).narrow(0, 0, to - from).clone(),
                    whole.targets().repeat(times).narrow(0, 0, to - from).clone());
        }

        @Override
        public List<String> classes() {
            return items.classes();
        }

        @Override
        public List<String> itemHashes() {
            return IntStream.range(0, size).mapToObj(i -> "item " + i).toList();
        }
    }

    private interface Loop {
        void over(Dataset data);
    }

    private long growth(Loop loop) {
        loop.over(new Repeated(pico.items(), 10 * BATCH));
        long before = Memory.residentBytes();
        loop.over(new Repeated(pico.items(), BATCHES * BATCH));
        return Memory.residentBytes() - before;
    }

    private void staysSmall(Loop loop) {
        assertThat(growth(loop)).isLessThan(MOST_BYTES);
    }

    @Test
    void theMeasurementSeesALoopThatKeepsItsInputs() {
        var kept = new ArrayList<Tensor>();
        long growth = growth(data -> {
            for (int from = 0; from < data.size(); from += BATCH) {
                int start = from;
                kept.add(Scope.yieldOwned(() -> data.batch(start, start + BATCH).inputs()));
            }
        });
        kept.forEach(Scope::free);
        assertThat(growth).isGreaterThan(MOST_BYTES);
    }

    @Test
    void predicting() {
        staysSmall(data -> Predictions.of(pico.model(), data, BATCH, Progress.silent()).close());
    }

    @Test
    void comparingLayersInMinibatches() {
        var cka = new Cka(Cka.Kernel.LINEAR, 0.5, Cka.Estimator.MINIBATCH, Cka.Features.POOLED, BATCH, 1 << 20);
        staysSmall(data -> cka.of(pico.model(), data, Progress.silent()));
    }

    @Test
    void comparingLayersWithLittleMemory() {
        var cka = new Cka(Cka.Kernel.RBF, 0.5, Cka.Estimator.BIASED, Cka.Features.POOLED, 4, 1);
        staysSmall(data -> cka.of(pico.model(), new Repeated(pico.items(), data.size() / BATCH), Progress.silent()));
    }

    @Test
    void scoringByGradientsSummedOverBatches() {
        staysSmall(data -> scores(GradNorm.skipping(), data, List.of(LayerSet.of(0, 1))));
    }

    /// One batch, as many candidates as there are batches elsewhere.
    @Test
    void scoringManyCandidatesOnOneBatch() {
        for (var criterion : List.of(GradNorm.standard(), GradNorm.skipping())) {
            staysSmall(data -> scores(criterion, new Repeated(pico.items(), BATCH / 2),
                    IntStream.range(0, data.size() / BATCH).mapToObj(i -> LayerSet.of(i % 2, i % 3 == 0 ? 3 : 5))
                            .toList()));
        }
    }

    private void scores(Criterion criterion, Dataset data, List<LayerSet> candidates) {
        criterion.scores(new ScoringTask(pico.model(), new Segment(0, 6), candidates, new Calibration(data, BATCH, 0),
                Progress.Silent.INSTANCE));
    }

    @Test
    void measuringTheLossWhenLayersAreAbsent() {
        staysSmall(data -> scores(new LossWhenAbsent(), data, List.of(LayerSet.of(0), LayerSet.of(3))));
    }

    @Test
    void estimatingBatchNorm() {
        staysSmall(data -> new BatchNormEstimation().heal(pico.model(), new DataRoles(data, pico.items(), pico.items(),
                List.of()), BATCH, Progress.silent()));
    }
}
