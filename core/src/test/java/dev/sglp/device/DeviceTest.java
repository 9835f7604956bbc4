package dev.sglp.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sglp.Oracle;
import dev.sglp.data.Dataset;
import dev.sglp.data.Stretch;
import dev.sglp.data.task.Texts;
import dev.sglp.evaluation.Evaluator;
import dev.sglp.family.Families;
import dev.sglp.family.Family;
import dev.sglp.family.conformance.Fixture;
import dev.sglp.importance.Criteria;
import dev.sglp.importance.ScoringTask;
import dev.sglp.importance.ScoringTask.Calibration;
import dev.sglp.model.LayerSet;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.Pass;
import dev.sglp.model.repair.LastMap;
import dev.sglp.model.repair.RepairNeed;
import dev.sglp.progress.Progress;
import dev.sglp.repair.RepairTask;
import dev.sglp.repair.Repairs;
import dev.sglp.segmentation.Segmentation.Segment;
import dev.sglp.similarity.Cka;
import dev.sglp.tensor.Autograd;
import dev.sglp.tensor.Device;
import dev.sglp.tensor.Scope;
import dev.sglp.training.descent.Schedule;
import dev.sglp.training.gradient.TextGradients;
import dev.sglp.training.descent.Optimizer;
import dev.sglp.training.TrainingSettings.Regularisation;
import dev.sglp.training.TrainingSettings;
import dev.sglp.training.TrainingTask;
import dev.sglp.training.Trainer;
import dev.sglp.tensor.DType;
import dev.sglp.tensor.Seed;
import java.util.LinkedHashMap;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Every family on libtorch's meta device: an operation that mixes it with the processor throws, and what came to lie on the processor on the
/// way is told by {@link MadeOnProcessor}. With `-Dsglp.families=REGEX` those that match.
final class DeviceTest {
    private static final Device META = new Device(Device.Kind.META, 0);

    @BeforeAll
    static void install() {
        MetaKernels.install();
    }

    record Network(Fixture.Kind kind, String name) {
        @Override
        public String toString() {
            return name;
        }
    }

    static List<Network> networks() throws IOException {
        var all = new ArrayList<Network>();
        for (var kind : Fixture.Kind.values()) {
            kind.names().forEach(name -> all.add(new Network(kind, name)));
        }
        return all;
    }

    /// The first of each family.
    static List<Network> families() throws IOException {
        var first = new LinkedHashMap<String, Network>();
        networks().forEach(network -> first.putIfAbsent(network.name.split("/")[0], network));
        return List.copyOf(first.values());
    }

    private interface Way {
        void go(LayeredModel network, Dataset data);
    }

    /// Of a network whose configuration is not at hand.
    private static boolean has(LayeredModel network, RepairNeed need) {
        return switch (need) {
            case LAST_MAP -> true;
            case NORMED_STREAM, TOKEN_STREAM -> network.layout().stream();
            case PLAIN_MATRIX -> network.layers().stream().allMatch(
                    layer -> layer.lastMap().flatMap(LastMap::matrix).isPresent());
        };
    }

    private static void without(Network network, Way way) throws IOException {
        try (var _ = Scope.open();
                var fixture = Fixture.open(network.kind, network.name);
                var file = fixture.file().on(META);
                var weights = file.forTraining()) {
            var items = new Oracle.Items(META.moved(fixture.inputs()), META.moved(fixture.targets()), List.of());
            try (var _ = MadeOnProcessor.listen()) {
                way.go(file.architecture().build(weights), items);
            }
        }
        assertThat(MadeOnProcessor.found()).isEmpty();
    }

    private static void there(Tensor tensor) {
        assertThat(Device.of(tensor)).isEqualTo(META);
    }

    @ParameterizedTest
    @MethodSource("networks")
    void aPassForwardAndBackMakesNothingOnTheProcessor(Network name) throws IOException {
        without(name, (network, data) -> {
            var batch = data.batch(0, data.size());
            there(Autograd.off(() -> network.frozen().forward(batch.inputs())));
            network.parameters().values().forEach(p -> p.set_requires_grad(true));
            var loss = Autograd.recording(true, () -> network.objective()
                    .loss(network.forward(batch.inputs(), Pass.batchStatistics()), batch.targets()));
            loss.backward();
            network.parameters().forEach((_, tensor) -> there(tensor.grad()));
        });
    }

    /// Tape and endings are what most of them stand on.
    @ParameterizedTest
    @MethodSource("families")
    void noCriterionMakesAnythingOnTheProcessor(Network name) throws IOException {
        without(name, (network, data) -> {
            var layers = network.removable().indices();
            var task = new ScoringTask(network, new Segment(0, network.layers().size()),
                    List.of(LayerSet.of(layers.getFirst()), LayerSet.of(layers.getLast())),
                    new Calibration(data, data.size(), 0), Progress.Silent.INSTANCE);
            Criteria.all().forEach(criterion -> assertThat(criterion.scores(task)).hasSize(2));
        });
    }

    @ParameterizedTest
    @MethodSource("families")
    void noRepairMakesAnythingOnTheProcessor(Network name) throws IOException {
        without(name, (network, data) -> {
            var removed = LayerSet.of(network.removable().indices().getFirst());
            for (var repair : Repairs.all()) {
                if (repair.needs().stream().allMatch(need -> has(network, need))) {
                    repair.repair(new RepairTask(network, removed, data, 1), Progress.silent()).close();
                }
            }
        });
    }

    @ParameterizedTest
    @MethodSource("families")
    void similarityAndEvaluationMakeNothingOnTheProcessor(Network name) throws IOException {
        without(name, (network, data) -> {
            Cka.standard(network.layout(), data.size()).of(network, data, Progress.silent());
            var evaluator = new Evaluator(data, data.size());
            try (var answers = evaluator.predict(network, Progress.silent())) {
                evaluator.compare(network, answers, Progress.silent());
            }
        });
    }

    @ParameterizedTest
    @MethodSource("families")
    void aStepOfATrainingMakesNothingOnTheProcessor(Network name) throws IOException {
        without(name, (network, data) -> {
            var settings = new TrainingSettings(1, data.size(), Optimizer.AdamW.standard(), Schedule.cosine(0.1, 0),
                    Regularisation.none(), 1);
            switch (network.objective().answer()) {
                case CLASS -> Trainer.train(new TrainingTask(network, data, data, settings), Progress.silent());
                case NEXT_TOKEN, MASKED_TOKEN -> Trainer.train(TrainingTask.ofText(
                        new TextGradients(network, Optional.empty(), DType.F32), data, data, settings,
                        network.parameters()), Progress.silent());
                case EMBEDDING -> {
                } // nobody trains them
            }
        });
    }

    @Test
    void batchesLieWhereTheirDataAreAskedTo() {
        var texts = new Texts("texts", List.of(new int[]{1, 2, 3}));
        try (var _ = Scope.open()) {
            for (var data : List.of(texts, new Stretch(texts, 0, 1))) {
                there(data.on(META).batch(0, 1).inputs());
                there(data.on(META).pick(0).targets());
                assertThat(data.on(Device.CPU)).isSameAs(data);
                assertThat(data.on(META).digest()).isEqualTo(data.digest());
            }
        }
    }

    @Test
    void whatIsMadeOnTheProcessorIsFound() {
        var items = new Oracle.Items(Seed.of(1).normal("x", 1, 2, 3), Seed.of(1).normal("y", 1, 2, 3), List.of());
        try (var _ = Scope.open(); var _ = MadeOnProcessor.listen()) {
            items.batch(0, 1);
        }
        assertThat(MadeOnProcessor.found()).anyMatch(found -> found.startsWith("aten::clone at dev.sglp.Oracle$Items"));
    }

    @Test
    void anOperationThatMixesThemThrows() {
        try (var _ = Scope.open()) {
            var here = Device.CPU.ones(DType.F32, 3);
            assertThatThrownBy(() -> META.ones(DType.F32, 3).add(here)).hasMessageContaining("device");
        }
    }

    /// Mistral's blocks are Llama's.
    @Test
    void everyFamilyIsTried() throws IOException {
        Assumptions.assumeTrue(System.getProperty("sglp.families") == null);
        assertThat(families().stream().map(network -> network.name.split("/")[0])).containsAll(Families.all().stream()
                .map(Family::name).filter(name -> !name.equals("mistral")).toList());
    }
}
