package dev.sglp.cli.tuning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sglp.Oracle;
import dev.sglp.Scoped;
import dev.sglp.family.Architecture;
import dev.sglp.family.convolution.network.residual.FreshResNet;
import dev.sglp.family.FreshNetwork;
import dev.sglp.progress.Progress;
import dev.sglp.progress.Told;
import dev.sglp.report.Json;
import dev.sglp.tensor.Seed;
import dev.sglp.tensor.Tensors;
import dev.sglp.training.Augmentation;
import dev.sglp.training.Journal;
import dev.sglp.training.Trainer;
import dev.sglp.training.TrainingRecord;
import dev.sglp.training.TrainingSettings;
import dev.sglp.training.TrainingSettings.Regularisation;
import dev.sglp.training.TrainingStopped;
import dev.sglp.training.TrainingTask;
import dev.sglp.training.descent.Optimizer;
import dev.sglp.training.descent.Schedule;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(Scoped.class)
final class TrainingFolderTest {
    private static final List<String> CLASSES = List.of("even", "odd");
    private static final int[] STEPS = {0, 0, 2, 3, 5, 6, 8, 9, 11, 12}; // done at each writing
    private static final byte[] CONFIG = {'{', '}'};

    @TempDir
    private Path directory;

    private static FreshNetwork fresh() {
        var input = new Architecture.Input.Image(3, 8, 8, List.of(.5, .5, .5), List.of(.25, .25, .25));
        return new FreshResNet(List.of(1, 1, 1), List.of(4L, 8L, 8L)).drawn(input, CLASSES,
                Seed.of(3));
    }

    private static TrainingTask task(FreshNetwork network, Optimizer optimizer) {
        var labels = Tensors.longs(IntStream.range(0, 48).mapToLong(i -> i % 2).toArray());
        var items = new Oracle.Items(Seed.of(4).normal("items", 1, 48, 3, 8, 8), labels, CLASSES);
        var by = new Regularisation(1e-3, 0, 0, Augmentation.cropAndFlip());
        return new TrainingTask(network.model(), items, items,
                new TrainingSettings(4, 16, optimizer, Schedule.cosine(0.01, 2), by, 5));
    }

    private TrainingFolder folder(FreshNetwork network, String settings) {
        return new TrainingFolder(OutputOptions.Place.of(directory),
                new TrainingFolder.Content(network.weights(), Optional.of(() -> Map.of("config.json", CONFIG)),
                        settings),
                2);
    }

    /// Pulls the plug when the state has been written so many times, and may wish for something itself.
    private record Killed(Journal journal, int writings, Wish wish, List<State> kept) implements Journal {
        static Killed after(int writings, Journal journal) {
            return new Killed(journal, writings, Wish.GO_ON, new ArrayList<>());
        }

        @Override
        public Optional<State> resume() {
            return journal.resume();
        }

        @Override
        public void keep(State state) {
            journal.keep(state);
            kept.add(state);
            if (kept.size() == writings) {
                throw new IllegalStateException("killed");
            }
        }

        @Override
        public Wish wish() {
            return wish == Wish.GO_ON ? journal.wish() : wish;
        }

        @Override
        public String place() {
            return journal.place();
        }
    }

    /// The first writing stands before the first step, then follow one within each epoch and one at its end.
    @ParameterizedTest
    @CsvSource({"true, 1", "true, 2", "true, 3", "true, 6", "true, 9", "false, 4", "false, 5"})
    void aKilledTrainingGoesOnToTheSameWeightsBitForBit(boolean sgd, int writings) {
        var optimizer = sgd ? Optimizer.Sgd.standard() : Optimizer.AdamW.standard();
        try (var whole = fresh(); var killed = fresh(); var resumed = fresh()) {
            var expected = Trainer.train(task(whole, optimizer), Progress.silent());
            assertThatThrownBy(() -> Trainer.train(task(killed, optimizer),
                    Killed.after(writings, folder(killed, "same")), Progress.silent())).hasMessage("killed");
            TrainingRecord got;
            var told = new Told();
            try (var folder = folder(resumed, "same")) {
                got = Trainer.train(task(resumed, optimizer), folder, told);
            }
            int done = STEPS[writings];
            assertThat(told.steps()).isEqualTo(done == 12
                    ? List.of()
                    : List.of(done == 0
                            ? "training: 12 steps"
                            : "training, the first %d steps are done: %d steps".formatted(done, 12 - done)));
            assertThat(got.epochs()).usingRecursiveFieldByFieldElementComparatorIgnoringFields("seconds")
                    .isEqualTo(expected.epochs());
            whole.weights().all().forEach((name, tensor) -> assertThat(Tensors.toDoubles(resumed.weights().get(name)))
                    .as(name).isEqualTo(Tensors.toDoubles(tensor)));
        }
    }

    @Test
    void aStateWithinAnEpochIsNeverTheBest() {
        var record = new TrainingRecord(List.of(new TrainingRecord.Epoch(1, 0.1, 1, 1, 0.5, 1)));
        assertThat(new Journal.State(record, Journal.Part.none(), 3, new LinkedHashMap<>()).best()).isTrue();
        assertThat(new Journal.State(record, new Journal.Part(1, 2, 3), 4, new LinkedHashMap<>()).best()).isFalse();
        var begun = TrainingRecord.on("items", 8, "epoch", new TrainingRecord.Epoch(0, 0, Double.NaN, 1, 0.5, 1));
        assertThat(new Journal.State(begun, Journal.Part.none(), 0, new LinkedHashMap<>()).best()).isTrue();
        assertThat(new Journal.State(begun, new Journal.Part(1, 2, 3), 1, new LinkedHashMap<>()).best()).isFalse();
    }

    /// What prunes and trains writes the best, though it keeps no networks.
    @Test
    void theWeightsOfTheBestEpochComeBack() throws IOException {
        try (var network = fresh(); var folder = TrainingFolder.ofState(directory, network.weights(), "same", 0)) {
            var record = TrainingRecord.on("items", 9, "epoch", epoch(0, 2));
            var at = new ArrayList<List<double[]>>();
            for (double loss : new double[]{1, 1.5, 1.2}) { // the first is the best
                record = record.and(epoch(record.epochs().size() + 1, loss));
                network.weights().all().values().forEach(tensor -> tensor.add_(new Scalar(1)));
                at.add(numbers(network));
                folder.keep(new Journal.State(record, Journal.Part.none(), 3L * record.epochs().size(),
                        new LinkedHashMap<>()));
            }
            assertThat(folder.takeBest()).isTrue();
            assertThat(numbers(network)).usingRecursiveComparison().isEqualTo(at.getFirst())
                    .isNotEqualTo(at.getLast());
            try (var other = TrainingFolder.ofState(directory, network.weights(), "another", 0)) {
                assertThatThrownBy(other::takeBest).hasMessageContaining("is of another training");
            }
        }
    }

    /// Statistics of batch norm with them.
    private static List<double[]> numbers(FreshNetwork network) {
        return network.weights().all().values().stream().map(Tensors::toDoubles).toList();
    }

    private static TrainingRecord.Epoch epoch(int number, double loss) {
        return new TrainingRecord.Epoch(number, 0.1, 1, loss, 0.5, 1);
    }

    @Test
    void aTrainingThatIsToStopKeepsItsStateAndSaysHowToGoOn() {
        try (var network = fresh()) {
            var journal = new Killed(folder(network, "same"), 0, Journal.Wish.STOP, new ArrayList<>());
            assertThatThrownBy(() -> Trainer.train(task(network, Optimizer.Sgd.standard()), journal, Progress.silent()))
                    .isInstanceOf(TrainingStopped.class).hasMessageContaining("epoch 1 of 4 after 1 of 3 batches")
                    .hasMessageContaining(directory.toString()).hasMessageContaining("--resume");
            assertThat(journal.kept.getLast().part().batches()).isEqualTo(1);
            assertThat(directory.resolve(TrainingFolder.STATE)).isNotEmptyFile();
        }
    }

    @Test
    void aNetworkIsThereBeforeTheFirstEpochIsDone() {
        try (var network = fresh()) {
            folder(network, "same")
                    .keep(new Journal.State(new TrainingRecord(List.of()), Journal.Part.none(), 0,
                            new LinkedHashMap<>()));
            assertThat(directory.resolve("last/model.safetensors")).isNotEmptyFile();
        }
    }

    /// Killed when the networks were there and the state was not.
    private void killedInTheFirstSave(FreshNetwork network, String settings) {
        var moments = new LinkedHashMap<String, Tensor>() {
            @Override
            public void forEach(BiConsumer<? super String, ? super Tensor> action) {
                throw new IllegalStateException("killed");
            }
        };
        var state = new Journal.State(new TrainingRecord(List.of()), Journal.Part.none(), 0, moments);
        assertThatThrownBy(() -> folder(network, settings).keep(state)).hasMessage("killed");
        assertThat(directory.resolve("last/model.safetensors")).isNotEmptyFile();
        assertThat(directory.resolve(TrainingFolder.STATE)).doesNotExist();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aTrainingKilledInItsFirstSaveBeginsAgain(boolean resume) throws IOException {
        try (var network = fresh(); var again = fresh()) {
            killedInTheFirstSave(network, "same");
            assertThat(TrainingFolder.check(OutputOptions.Place.of(directory), resume)).isFalse();
            try (var folder = folder(again, "same")) {
                folder.checkSettings();
                assertThat(folder.resume()).isEmpty();
                Trainer.train(task(again, Optimizer.Sgd.standard()), folder, Progress.silent());
            }
            assertThat(TrainingFolder.check(OutputOptions.Place.of(directory), true)).isTrue();
            assertThat(directory.resolve(TrainingFolder.BEGUN)).doesNotExist();
        }
    }

    @Test
    void anotherTrainingKilledInItsFirstSaveIsNotOverwritten() {
        try (var network = fresh()) {
            killedInTheFirstSave(network, "these");
            try (var folder = folder(network, "others")) {
                assertThatThrownBy(folder::checkSettings).isInstanceOf(IOException.class)
                        .hasMessageContainingAll("these", "others", "delete [" + directory + "]");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"model.safetensors", "model.safetensors.index.json", "pytorch_model.bin"})
    void aNetworkOfSomebodyElseIsNotOverwritten(String weights) throws IOException {
        Files.writeString(Files.createDirectories(directory.resolve("last")).resolve(weights), "another's");
        assertThatThrownBy(() -> TrainingFolder.check(OutputOptions.Place.of(directory), true))
                .isInstanceOf(IOException.class).hasMessageContaining("it is not overwritten");
    }

    @Test
    void aTrainingWithOtherSettingsIsNotResumed() {
        try (var network = fresh()) {
            Trainer.train(task(network, Optimizer.Sgd.standard()), folder(network, "these"), Progress.silent());
            try (var folder = folder(network, "others")) {
                assertThatThrownBy(folder::resume).isInstanceOf(UncheckedIOException.class)
                        .hasMessageContaining("these").hasMessageContaining("others");
            }
        }
    }

    /// As it was kept before tokens were counted.
    @Test
    void anEpochOfBeforeIsRead() throws IOException {
        var before = "{\"number\":1,\"learning_rate\":0.1,\"training_loss\":1.0,\"validation_loss\":0.5,\"validation_accuracy\":null,\"validation_kl\":null,\"seconds\":2.0}";
        var read = Json.read(directory, before, TrainingRecord.Epoch.class);
        assertThat(read).isEqualTo(new TrainingRecord.Epoch(1, 0.1, 1, 0.5, Double.NaN, 2));
        assertThat(Json.compact(read)).contains("\"tokens\":null");
    }

    @Test
    void aCutStateIsRefused() throws IOException {
        try (var network = fresh(); var folder = folder(network, "same")) {
            Trainer.train(task(network, Optimizer.Sgd.standard()), folder, Progress.silent());
            var state = directory.resolve(TrainingFolder.STATE);
            Files.write(state, java.util.Arrays.copyOf(Files.readAllBytes(state), 5000));
            assertThatThrownBy(folder::resume).isInstanceOf(UncheckedIOException.class)
                    .hasMessageContaining(TrainingFolder.STATE);
        }
    }
}
