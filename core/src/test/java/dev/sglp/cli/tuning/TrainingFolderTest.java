package dev.sglp.cli.tuning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sglp.Oracle;
import dev.sglp.family.Architecture;
import dev.sglp.family.CifarResNet;
import dev.sglp.family.FreshNetwork;
import dev.sglp.progress.Progress;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Seed;
import dev.sglp.tensor.Tensors;
import dev.sglp.training.Augmentation;
import dev.sglp.training.Journal;
import dev.sglp.training.Trainer;
import dev.sglp.training.TrainingRecord;
import dev.sglp.training.TrainingSettings;
import dev.sglp.training.TrainingSettings.Regularisation;
import dev.sglp.training.TrainingTask;
import dev.sglp.training.descent.Optimizer;
import dev.sglp.training.descent.Schedule;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class TrainingFolderTest {
    private static final List<String> CLASSES = List.of("even", "odd");
    private static final byte[] CONFIG = {'{', '}'};

    @TempDir
    private Path directory;

    private Scope scope;

    @BeforeEach
    void open() {
        scope = Scope.open();
    }

    @AfterEach
    void close() {
        scope.close();
    }

    private static FreshNetwork fresh() {
        var input = new Architecture.Input(3, 8, 8, List.of(.5, .5, .5), List.of(.25, .25, .25));
        return CifarResNet.fresh(new CifarResNet.Size(List.of(1, 1, 1), List.of(4L, 8L, 8L)), input, CLASSES,
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
        return new TrainingFolder(OutputOptions.Place.of(directory), network.weights(), CONFIG, settings);
    }

    /// Pulls the plug when the second epoch is kept.
    private record Killed(Journal journal) implements Journal {
        @Override
        public Optional<State> resume() {
            return journal.resume();
        }

        @Override
        public void keep(State state) {
            journal.keep(state);
            if (state.record().epochs().size() == 2) {
                throw new IllegalStateException("killed");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aKilledTrainingGoesOnToTheSameWeightsBitForBit(boolean sgd) {
        var optimizer = sgd ? Optimizer.Sgd.standard() : Optimizer.AdamW.standard();
        try (var whole = fresh(); var killed = fresh(); var resumed = fresh()) {
            var expected = Trainer.train(task(whole, optimizer), Progress.silent());
            assertThatThrownBy(() -> Trainer.train(task(killed, optimizer), new Killed(folder(killed, "same")),
                    Progress.silent())).hasMessage("killed");
            TrainingRecord got;
            try (var folder = folder(resumed, "same")) {
                got = Trainer.train(task(resumed, optimizer), folder, Progress.silent());
            }
            assertThat(got.epochs()).hasSize(4);
            assertThat(got.last().validationLoss()).isEqualTo(expected.last().validationLoss());
            whole.weights().all().forEach((name, tensor) -> assertThat(Tensors.toDoubles(resumed.weights().get(name)))
                    .as(name).isEqualTo(Tensors.toDoubles(tensor)));
        }
    }

    @Test
    void aNetworkIsThereBeforeTheFirstEpochIsDone() {
        try (var network = fresh()) {
            folder(network, "same")
                    .keep(new Journal.State(new TrainingRecord(List.of()), 0, new java.util.LinkedHashMap<>()));
            assertThat(directory.resolve("last/model.safetensors")).isNotEmptyFile();
        }
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
