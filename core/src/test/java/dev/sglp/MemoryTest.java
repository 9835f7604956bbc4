package dev.sglp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sglp.checkpoint.Weights;
import dev.sglp.data.Batch;
import dev.sglp.data.DataRoles;
import dev.sglp.data.Dataset;
import dev.sglp.evaluation.Memory;
import dev.sglp.evaluation.Predictions;
import dev.sglp.family.ModelFile;
import dev.sglp.family.decoder.Pico;
import dev.sglp.importance.GradNorm;
import dev.sglp.importance.LossWhenAbsent;
import dev.sglp.importance.ScoringTask;
import dev.sglp.importance.ScoringTask.Calibration;
import dev.sglp.importance.letter.Letter;
import dev.sglp.model.LayerSet;
import dev.sglp.model.LayeredModel;
import dev.sglp.progress.Progress;
import dev.sglp.segmentation.Segmentation.Segment;
import dev.sglp.similarity.Cka;
import dev.sglp.similarity.Representation;
import dev.sglp.tensor.DType;
import dev.sglp.tensor.Seed;
import dev.sglp.tensor.Tensors;
import dev.sglp.tensor.Threads;
import dev.sglp.training.Trainer;
import dev.sglp.training.TrainingSettings;
import dev.sglp.training.TrainingTask;
import dev.sglp.training.descent.Optimizer;
import dev.sglp.training.descent.Schedule;
import dev.sglp.training.gradient.Passes;
import dev.sglp.training.gradient.Teaching;
import dev.sglp.training.gradient.TextGradients;
import dev.sglp.training.statistics.BatchNormEstimation;
import java.io.IOException;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/// Batches of each loop: what is resident afterwards may not have grown. A loop that freed nothing would keep at least the
/// batches themselves, 200 × 0.8 MB in each round.
final class MemoryTest {
    private static final int BATCH = 256;
    private static final int BATCHES = 200;
    private static final int STEPS = 2000; // of a language model's training
    private static final long MOST_GROWTH = 48L << 20;

    /// As many batches of noise, made when they are asked for, as decoded images are.
    private record Noise(int batches) implements Dataset {
        @Override
        public String name() {
            return "noise";
        }

        @Override
        public int size() {
            return batches * BATCH;
        }

        @Override
        public Batch batch(int from, int to) {
            var noise = Seed.of(from).normal("noise", 1, 1, 3, 16, 16).expand(to - from, 3, 16, 16).contiguous();
            return new Batch(noise, Tensors.longs(IntStream.range(from, to).mapToLong(i -> i % 5).toArray()));
        }

        @Override
        public List<String> classes() {
            return List.of("a", "b", "c", "d", "e");
        }

        @Override
        public List<String> itemHashes() {
            return Collections.nCopies(size(), "noise");
        }
    }

    @FunctionalInterface
    private interface Loop {
        void over(LayeredModel model, Dataset data);
    }

    private static void grows(Loop loop) throws IOException {
        Assumptions.assumeTrue(Memory.residentBytes() > 0, "the system does not say how much memory is resident");
        try (var file = ModelFile.open(Oracle.file("pico_resnet.safetensors")); Weights weights = file.forTraining()) {
            var model = file.architecture().build(weights);
            assertThat(HeldMemory.growth(() -> loop.over(model, new Noise(BATCHES)), MOST_GROWTH))
                    .isLessThanOrEqualTo(MOST_GROWTH);
        }
    }

    @Test
    void evaluatingDoesNotGrow() throws IOException {
        grows((model, data) -> Predictions.of(model, data, BATCH, Progress.silent()).close());
    }

    @Test
    void similarityByMinibatchesDoesNotGrow() throws IOException {
        var cka = new Cka(Cka.Kernel.LINEAR, 0.5, Cka.Estimator.MINIBATCH, Representation.POOLED, BATCH, 1 << 20);
        grows((model, data) -> {
            for (int b = 0; b < data.size() / BATCH; b++) { // HSIC over 256 examples takes long: 16 of each batch
                int from = b * BATCH;
                cka.of(model, new Part(data, from), Progress.silent());
            }
        });
    }

    /// Sixteen items of a data set, each drawn for itself.
    private record Part(Dataset all, int from) implements Dataset {
        @Override
        public String name() {
            return all.name();
        }

        @Override
        public int size() {
            return 16;
        }

        @Override
        public Batch batch(int first, int last) {
            var noise = Seed.of(from).normal("noise", 1, last - first, 3, 16, 16);
            return new Batch(noise, Tensors.longs(new long[last - first]));
        }

        @Override
        public List<String> classes() {
            return all.classes();
        }

        @Override
        public List<String> itemHashes() {
            return Collections.nCopies(16, "noise");
        }
    }

    @Test
    void gradientNormsDoNotGrow() throws IOException {
        grows((model, data) -> GradNorm.standard().scores(task(model, data)));
    }

    /// Both candidates on half of the batches each; then again and again on two batches of 64.
    @Test
    void theLetterDoesNotGrow() throws IOException {
        var accumulated = new Letter(Letter.Form.ACCUMULATED, 1, new Letter.Batches(BATCHES / 2, BATCH, 1));
        grows((model, data) -> {
            accumulated.scores(task(model, data));
            for (int i = 0; i < 50; i++) {
                Letter.standard().scores(task(model, new Noise(1)));
            }
        });
    }

    @Test
    void lossWhenAbsentDoesNotGrow() throws IOException {
        grows((model, data) -> LossWhenAbsent.standard().scores(task(model, data)));
    }

    @Test
    void manyCandidatesOnOneBatchDoNotGrow() throws IOException {
        grows((model, data) -> {
            for (int i = 0; i < data.size() / BATCH; i++) {
                GradNorm.skipping().scores(task(model, new Noise(1)));
            }
        });
    }

    /// A loop that freed nothing would keep at least the logits of each candidate.
    @Test
    void candidatesOfALanguageModelSideBySideDoNotGrow() throws IOException {
        Assumptions.assumeTrue(Memory.residentBytes() > 0, "the system does not say how much memory is resident");
        int before = Threads.count();
        Threads.use(2);
        try (var pico = Pico.open("llama3")) {
            var model = pico.model();
            var data = new Calibration(new Numbers.Counted(64, 64, 0, _ -> 0), 64, 0);
            var task = new ScoringTask(model, new Segment(0, 2), List.of(LayerSet.of(0), LayerSet.of(1)), data,
                    Progress.Silent.INSTANCE);
            assertThat(HeldMemory.growth(() -> {
                for (int i = 0; i < 50; i++) {
                    GradNorm.standard().scores(task);
                    LossWhenAbsent.standard().scores(task);
                }
            }, MOST_GROWTH)).isLessThanOrEqualTo(MOST_GROWTH);
        } finally {
            Threads.use(before);
        }
    }

    /// 2,000 steps, taught by the network without a layer, with what runs again on the way back. Kept gradients alone would be 2,000 times 47
    /// kB.
    @Test
    void trainingALanguageModelDoesNotGrow() throws IOException {
        Assumptions.assumeTrue(Memory.residentBytes() > 0, "the system does not say how much memory is resident");
        try (var pico = Pico.open("llama3"); var other = Pico.open("llama3")) {
            var model = pico.model();
            var teaching = Optional.of(new Teaching(other.model().without(LayerSet.of(1)), 2, 0.5));
            var items = new Numbers.Counted(100, 16, 0, _ -> 0);
            var settings = new TrainingSettings(STEPS / items.size(), 1, Optimizer.AdamW.standard(),
                    Schedule.cosine(1e-4, 10), TrainingSettings.Regularisation.none(), 1);
            var gradients = new TextGradients(model, teaching, DType.F32).by(new Passes(true, 2048));
            var task = TrainingTask.ofText(gradients, items, new Numbers.Counted(1, 16, 0, _ -> 0), settings,
                    model.parameters());
            assertThat(task.settings().epochs() * items.size()).isEqualTo(STEPS);
            assertThat(HeldMemory.growth(() -> Trainer.train(task, Progress.silent()), MOST_GROWTH))
                    .isLessThanOrEqualTo(MOST_GROWTH);
        }
    }

    @Test
    void reEstimatingBatchNormDoesNotGrow() throws IOException {
        grows((model, data) -> new BatchNormEstimation().heal(model, new DataRoles(data, new Noise(1), data, List.of()),
                BATCH, Progress.silent()));
    }

    private static ScoringTask task(LayeredModel model, Dataset data) {
        return new ScoringTask(model, new Segment(0, 2), List.of(LayerSet.of(0), LayerSet.of(1)),
                new Calibration(data, BATCH, 0), Progress.Silent.INSTANCE);
    }
}
