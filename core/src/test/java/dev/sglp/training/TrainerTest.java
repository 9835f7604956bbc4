package dev.sglp.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sglp.HeldMemory;
import dev.sglp.Oracle;
import dev.sglp.Scoped;
import dev.sglp.data.Batch;
import dev.sglp.data.Dataset;
import dev.sglp.evaluation.Memory;
import dev.sglp.family.Architecture;
import dev.sglp.family.convolution.network.residual.FreshResNet;
import dev.sglp.family.FreshNetwork;
import dev.sglp.model.Pass;
import dev.sglp.progress.Progress;
import dev.sglp.progress.Told;
import dev.sglp.tensor.Seed;
import dev.sglp.tensor.Tensors;
import dev.sglp.training.TrainingSettings.Regularisation;
import dev.sglp.training.descent.Moments;
import dev.sglp.training.descent.Optimizer;
import dev.sglp.training.descent.Schedule;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(Scoped.class)
final class TrainerTest {
    private static final List<String> CLASSES = List.of("dark", "bright");
    private FreshNetwork network;

    @BeforeEach
    void open() {
        torch.set_num_threads(2);
        network = fresh();
    }

    @AfterEach
    void close() {
        network.close();
    }

    private static FreshNetwork fresh() {
        var input = new Architecture.Input.Image(3, 8, 8, List.of(.5, .5, .5), List.of(.25, .25, .25));
        return new FreshResNet(List.of(1, 2, 1), List.of(4L, 8L, 8L)).drawn(input, CLASSES,
                Seed.of(3));
    }

    /// Noise, shifted up for every second item.
    private static Oracle.Items items(int count) {
        long[] labels = IntStream.range(0, count).mapToLong(i -> i % 2).toArray();
        var targets = Tensors.longs(labels);
        var shift = targets.view(count, 1, 1, 1).mul(new Scalar(1.0));
        return new Oracle.Items(Seed.of(4).normal("items", 0.5, count, 3, 8, 8).add(shift), targets, CLASSES);
    }

    private static TrainingSettings settings(int epochs, double rate, Regularisation by) {
        return new TrainingSettings(epochs, 16, Optimizer.Sgd.standard(), Schedule.cosine(rate, 2), by, 5);
    }

    private TrainingRecord train(FreshNetwork trained, int epochs, Regularisation by) {
        return Trainer.train(new TrainingTask(trained.model(), items(64), items(32), settings(epochs, 0.05, by)),
                Progress.silent());
    }

    @Test
    void theLossFallsAndTheAccuracyRises() {
        var record = train(network, 6, Regularisation.none());
        assertThat(record.last().trainingLoss()).isLessThan(record.epochs().getFirst().trainingLoss() / 2);
        assertThat(record.best().validationAccuracy()).isGreaterThan(0.9);
        assertThat(record.last().learningRate()).isLessThan(0.005);
    }

    @Test
    void theSameSeedGivesTheSameWeightsBitForBit() {
        var by = new Regularisation(1e-3, 0.1, 1, Augmentation.cropAndFlip());
        train(network, 2, by);
        try (var other = fresh()) {
            train(other, 2, by);
            network.weights().all().forEach((name, tensor) -> assertThat(Tensors.toDoubles(tensor)).as(name)
                    .isEqualTo(Tensors.toDoubles(other.weights().get(name))));
        }
    }

    /// Which items it asked for, and which it said it would.
    private record Asked(Oracle.Items items, List<List<Integer>> said, List<List<Integer>> picked) implements Dataset {
        private static List<Integer> numbers(int... items) {
            return IntStream.of(items).boxed().toList();
        }

        @Override
        public String name() {
            return items.name();
        }

        @Override
        public int size() {
            return items.size();
        }

        @Override
        public Batch batch(int from, int to) {
            return items.batch(from, to);
        }

        @Override
        public Batch pick(int... chosen) {
            picked.add(numbers(chosen));
            return Dataset.super.pick(chosen);
        }

        @Override
        public void expect(List<int[]> picks) {
            picks.forEach(some -> said.add(numbers(some)));
        }

        @Override
        public List<String> classes() {
            return items.classes();
        }

        @Override
        public List<String> itemHashes() {
            return items.itemHashes();
        }
    }

    @Test
    void itSaysAheadWhatItWillAskFor() {
        var asked = new Asked(items(64), new ArrayList<>(), new ArrayList<>());
        Trainer.train(new TrainingTask(network.model(), asked, items(32), settings(2, 0.05, Regularisation.none())),
                Progress.silent());
        assertThat(asked.picked).hasSize(8).isEqualTo(asked.said);
    }

    /// What is left is told of all of it, not of an epoch.
    @Test
    void aWholeTrainingIsOneStepOfProgress() {
        var told = new Told();
        var task = new TrainingTask(network.model(), items(64), items(32), settings(6, 0.05, Regularisation.none()));
        var record = Trainer.train(task, told);
        assertThat(told.steps()).containsExactly("training: 24 steps");
        assertThat(told.lines()).filteredOn(line -> line.matches(" {2}epoch [1-6] of 6: loss .*")).hasSize(6)
                .noneMatch(line -> line.contains("tokens"));
        assertThat(record.epochs()).allMatch(e -> e.tokens() == null && e.tokensPerSecond() == null);
    }

    private TrainingRecord train(FreshNetwork trained, int epochs, int maxSteps) {
        var of = settings(epochs, 0.05, Regularisation.none());
        var limited = of.ending(maxSteps);
        return Trainer.train(new TrainingTask(trained.model(), items(64), items(32), limited), Progress.silent());
    }

    /// The time is measured on steps that leave nothing behind; the end is part of what is kept.
    @Test
    void aTrainingOfSomeMinutesIsOneOfAsManySteps() {
        var of = settings(50, 0.05, Regularisation.none());
        var timed = new TrainingSettings(of.epochs(), of.batchSize(), of.optimizer(), of.schedule(),
                of.regularisation(), of.seed(), 0, 1e-9, 0);
        var record = Trainer.train(new TrainingTask(network.model(), items(64), items(32), timed), Progress.silent());
        assertThat(record.steps()).isEqualTo(1);
        try (var other = fresh()) {
            train(other, 50, 1);
            network.weights().all().forEach((name, tensor) -> assertThat(Tensors.toDoubles(tensor)).as(name)
                    .isEqualTo(Tensors.toDoubles(other.weights().get(name))));
        }
    }

    /// Four steps an epoch.
    @Test
    void aTrainingThatEndsAfterSoManyStepsIsOneOfAsManyEpochs() {
        var record = train(network, 5, 8);
        try (var other = fresh()) {
            assertThat(record.epochs()).hasSize(2);
            assertThat(train(other, 2, Regularisation.none()).last().trainingLoss())
                    .isEqualTo(record.last().trainingLoss());
            network.weights().all().forEach((name, tensor) -> assertThat(Tensors.toDoubles(tensor)).as(name)
                    .isEqualTo(Tensors.toDoubles(other.weights().get(name))));
        }
    }

    @Test
    void theLastEpochMayEndEarlyAndTheRateFallsToThere() {
        var record = train(network, 5, 6);
        assertThat(record.epochs()).hasSize(2);
        assertThat(record.last().learningRate()).isEqualTo(Schedule.cosine(0.05, 2).at(5, 6));
        assertThat(record.last().trainingLoss()).isFinite();
        assertThat(train(network, 5, 3).epochs()).hasSize(1);
        assertThat(train(network, 2, 100).epochs()).hasSize(2);
        assertThatThrownBy(() -> train(network, 1, -1)).hasMessageContaining("--max-steps is at least 1");
    }

    @Test
    void theStoredStatisticsOfBatchNormMove() {
        train(network, 1, Regularisation.none());
        assertThat(Tensors.toDoubles(network.weights().get("bn1.running_mean"))).isNotEqualTo(new double[4]);
    }

    @Test
    void weightDecayLeavesNormsAlone() {
        // gradients of nothing: what moves, moves by decay
        var moments = new Moments(new Optimizer.Sgd(0, false), network.model().parameters());
        try (moments) {
            var none = network.model().parameters().sequencedValues().stream().map(torch::zeros_like)
                    .toArray(Tensor[]::new);
            var before = Tensors.toDoubles(network.weights().get("conv1.weight"))[0];
            moments.step(none, new Moments.Rates(1, 0.5, 0));
            assertThat(Tensors.toDoubles(network.weights().get("conv1.weight"))[0]).isEqualTo(before / 2);
            assertThat(Tensors.toDoubles(network.weights().get("bn1.weight"))).containsOnly(1);
        }
    }

    @Test
    void nothingIsRecordedAfterTraining() {
        train(network, 1, Regularisation.none());
        assertThat(network.model().parameters().values()).noneMatch(p -> p.requires_grad());
    }

    @Test
    void aTeacherPullsTheStudentTowardsItsAnswers() {
        try (var teacher = fresh()) {
            train(teacher, 6, Regularisation.none());
            var data = items(64);
            var before = distance(teacher, data);
            var task = new TrainingTask(network.model(), data, items(2), settings(8, 0.05, Regularisation.none()),
                    Optional.of(new Distillation(teacher.model(), 2, 1)));
            Trainer.train(task, Progress.silent());
            assertThat(distance(teacher, data)).isLessThan(before / 2);
        }
    }

    private double distance(FreshNetwork teacher, Oracle.Items data) {
        return Tensors.toDoubles(probabilities(network, data).sub(probabilities(teacher, data)).abs().mean())[0];
    }

    private static Tensor probabilities(FreshNetwork network, Oracle.Items data) {
        return torch.softmax(network.model().forward(data.inputs(), Pass.evaluation()), 1);
    }

    @Test
    void aTrainingThatDivergesSaysSo() {
        var by = Regularisation.none();
        var task = new TrainingTask(network.model(), items(64), items(2), settings(3, 1e30, by));
        assertThatThrownBy(() -> Trainer.train(task, Progress.silent())).isInstanceOf(TrainingDiverged.class)
                .hasMessageContaining("--learning-rate");
    }

    /// A loop that kept one batch's images and their gradients would grow by some 2,000 × 100 kB.
    @Test
    void memoryStaysBoundedOverTwoThousandBatches(TestReporter reporter) {
        Assumptions.assumeTrue(Memory.residentBytes() > 0, "the system does not say how much memory is resident");
        long allowed = 32L << 20;
        long growth = HeldMemory.growth(() -> train(network, 500, Regularisation.none()), allowed); // 4 batches each
        reporter.publishEntry("growth over 2,000 training batches", "%.1f MB".formatted(growth / 1e6));
        assertThat(growth).isLessThanOrEqualTo(allowed);
    }
}
