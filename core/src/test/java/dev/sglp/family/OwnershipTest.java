package dev.sglp.family;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sglp.Oracle;
import dev.sglp.data.DataRoles;
import dev.sglp.family.FamiliesTest.Sample;
import dev.sglp.model.LayerSet;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.Pass;
import dev.sglp.progress.Progress;
import dev.sglp.tensor.Autograd;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Tensors;
import dev.sglp.training.Trainer;
import dev.sglp.training.TrainingSettings;
import dev.sglp.training.TrainingTask;
import dev.sglp.training.descent.Optimizer;
import dev.sglp.training.descent.Schedule;
import dev.sglp.training.statistics.BatchNormEstimation;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Who may change the weights of a file, and how long they live; for every family.
final class OwnershipTest {
    private static final TrainingSettings SETTINGS = new TrainingSettings(1, 2, Optimizer.Sgd.standard(),
            Schedule.cosine(0.1, 0), TrainingSettings.Regularisation.none(), 1);

    @TempDir
    private Path folder;

    static List<Sample> samples() throws IOException {
        return FamiliesTest.samples();
    }

    private ModelFile open(Sample sample) throws IOException {
        return FamiliesTest.open(sample, folder);
    }

    private static double[] logits(LayeredModel model, Tensor inputs) {
        return Tensors.toDoubles(Autograd.off(() -> model.forward(inputs, Pass.evaluation())));
    }

    @ParameterizedTest
    @MethodSource("samples")
    void aNetworkForReadingRefusesToBeTrained(Sample sample) throws IOException {
        try (var _ = Scope.open(); var file = open(sample); var weights = file.forReading()) {
            var model = file.architecture().build(weights).without(LayerSet.of(1));
            var items = new Oracle.Items(FamiliesTest.inputs(file, 2), FamiliesTest.targets(file, 2),
                    List.of("a", "b"));
            var task = new TrainingTask(model, items, items, SETTINGS, Optional.empty());
            assertThatThrownBy(() -> Trainer.train(task, Progress.silent())).isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("forTraining()");
            assertThatThrownBy(() -> new BatchNormEstimation().heal(model,
                    new DataRoles(items, items, items, List.of()), 2, Progress.silent()))
                    .isInstanceOf(IllegalStateException.class).hasMessageContaining("forTraining()");
        }
    }

    @ParameterizedTest
    @MethodSource("samples")
    void weightsOutliveTheirFile(Sample sample) throws IOException {
        try (var _ = Scope.open()) {
            var file = open(sample);
            var inputs = FamiliesTest.inputs(file, 3);
            try (var reading = file.forReading(); var training = file.forTraining()) {
                var model = file.architecture().build(reading);
                var own = file.architecture().build(training);
                double[] before = logits(model, inputs);
                file.close();
                assertThat(logits(model, inputs)).containsExactly(before);
                assertThat(logits(own, inputs)).containsExactly(before);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("samples")
    void changingTensorsInMemoryChangesNoFile(Sample sample) throws IOException {
        try (var _ = Scope.open(); var file = open(sample)) {
            byte[] before = Files.readAllBytes(file.checkpoint().path());
            for (boolean reading : new boolean[]{true, false}) {
                try (var weights = reading ? file.forReading() : file.forTraining()) {
                    var tensor = weights.all().values().stream().filter(t -> t.is_floating_point()).findFirst()
                            .orElseThrow();
                    double first = Tensors.toDoubles(tensor)[0];
                    Autograd.off(() -> tensor.mul_(new Scalar(2.0)));
                    assertThat(Tensors.toDoubles(tensor)[0]).isEqualTo(2 * first);
                }
            }
            assertThat(Files.readAllBytes(file.checkpoint().path())).isEqualTo(before);
        }
    }

    @ParameterizedTest
    @MethodSource("samples")
    void aFileThatIsCutMeanwhileEndsInAnErrorThatNamesIt(Sample sample) throws IOException {
        try (var _ = Scope.open(); var file = open(sample); var weights = file.forReading()) {
            var model = file.architecture().build(weights);
            var path = file.checkpoint().path();
            try (var cut = FileChannel.open(path, StandardOpenOption.WRITE)) {
                cut.truncate(cut.size() / 2);
            }
            assertThatThrownBy(() -> logits(model, FamiliesTest.inputs(file, 1)))
                    .isInstanceOf(UncheckedIOException.class)
                    .hasMessageContaining(path.toString()).hasMessageContaining("was changed while it was in use");
        }
    }
}
