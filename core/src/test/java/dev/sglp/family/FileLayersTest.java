package dev.sglp.family;

import static dev.sglp.family.Both.fixture;
import static dev.sglp.family.Both.items;
import static dev.sglp.family.Both.scores;
import static dev.sglp.family.Both.tokens;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.sglp.evaluation.Evaluator;
import dev.sglp.fault.UsageException;
import dev.sglp.importance.BlockInfluence;
import dev.sglp.importance.GradNorm;
import dev.sglp.importance.Kl;
import dev.sglp.importance.LossWhenAbsent;
import dev.sglp.importance.Magnitude;
import dev.sglp.importance.ScoringTask;
import dev.sglp.importance.ScoringTask.Calibration;
import dev.sglp.importance.stream.Hearing;
import dev.sglp.method.Auto;
import dev.sglp.method.Method.Wanted;
import dev.sglp.model.LayerSet;
import dev.sglp.model.Pass;
import dev.sglp.model.transformer.Embedding;
import dev.sglp.model.wave.LayerSource;
import dev.sglp.progress.Progress;
import dev.sglp.progress.Told;
import dev.sglp.repair.RepairTask;
import dev.sglp.repair.Repairs;
import dev.sglp.segmentation.Segmentation.Segment;
import dev.sglp.similarity.Along;
import dev.sglp.similarity.Cka;
import dev.sglp.similarity.Cka.Estimator;
import dev.sglp.similarity.Cka.Passes;
import dev.sglp.tensor.DType;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Seed;
import dev.sglp.tensor.Tensors;
import dev.sglp.tensor.Threads;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What is computed layer by layer from a file is what is computed in memory, bit for bit.
final class FileLayersTest {
    @TempDir
    static Path folder;

    @ParameterizedTest
    @CsvSource({"llama3, 1", "llama3, 2", "llama3, 4", "llama2, 2", "mistral, 1", "qwen2, 2", "qwen3, 2",
            "gpt2/gpt2, 1", "opt/bare, 2", "falcon/11b, 1", "mixtral/8x7b, 2", "qwen2_moe/step, 1"})
    void theLogitsAreTheSame(String name, int layers) throws IOException {
        try (var both = Both.open(name, layers, 1 << 20); var _ = Scope.open()) {
            var streamed = both.streamed();
            assertThat(LayerSource.of(streamed)).isPresent();
            assertThat(LayerSource.of(both.whole())).isEmpty();
            for (int i = 0; i < 2; i++) { // layers that were sent away come back
                var inputs = tokens(3, i);
                assertThat(Tensors.toDoubles(streamed.forward(inputs, Pass.evaluation())))
                        .isEqualTo(Tensors.toDoubles(both.whole().forward(inputs, Pass.evaluation())));
            }
            assertThat(streamed.parameterCount()).isEqualTo(both.whole().parameterCount());
            assertThat(streamed.macs()).isEqualTo(both.whole().macs());
        }
    }

    /// Little room makes small groups of networks and batches: the sums are the same.
    @ParameterizedTest
    @ValueSource(longs = {1, 8_000, 1 << 20})
    void everyCriterionScoresTheSame(long room) throws IOException {
        var sets = List.of(LayerSet.of(0), LayerSet.of(1), LayerSet.of(2), LayerSet.of(1, 2), LayerSet.of(0, 3),
                LayerSet.of(1, 2, 3));
        for (var criterion : List.of(Kl.standard(), LossWhenAbsent.standard(), new BlockInfluence(), new Magnitude(),
                GradNorm.standard(), GradNorm.skipping())) {
            try (var both = Both.open("llama3", 2, room); var _ = Scope.open()) {
                var data = new Calibration(items(5, 1), 2, 0);
                assertThat(scores(criterion, both.streamed(), sets, data)).as(criterion.name())
                        .isEqualTo(scores(criterion, both.whole(), sets, data));
            }
        }
    }

    /// The dense network goes along; what has no room waits on disk, where that moves fewer bytes than to read again.
    @ParameterizedTest
    @ValueSource(longs = {1, 1 << 20})
    void aRoundOfCandidatesReadsEachLayerOnce(long room) throws IOException {
        var sets = List.of(LayerSet.of(0), LayerSet.of(1), LayerSet.of(2), LayerSet.of(1, 2), LayerSet.of(0, 3));
        for (var criterion : List.of(Kl.standard(), LossWhenAbsent.standard())) {
            try (var both = Both.open("llama3", 1, room); var _ = Scope.open()) {
                scores(criterion, both.streamed(), sets, new Calibration(items(5, 1), 2, 0));
                assertThat(Streaming.read(both.few())).as(criterion.name()).isEqualTo(both.layers());
            }
        }
    }

    /// On one thread: how many share a product of some ten columns tells in its last bit.
    @ParameterizedTest
    @ValueSource(longs = {1, 1 << 20})
    void theReportIsTheSame(long room) throws IOException {
        int threads = Threads.count();
        Threads.use(1);
        try {
            reportIsTheSame(room);
        } finally {
            Threads.use(threads);
        }
    }

    private static void reportIsTheSame(long room) throws IOException {
        try (var both = Both.open("qwen3", 2, room); var _ = Scope.open()) {
            var evaluator = new Evaluator(items(300, 2), 1); // two pieces
            var absent = List.of(LayerSet.of(1), LayerSet.of(0, 2));
            try (var whole = evaluator.predict(both.whole(), Progress.silent());
                    var streamed = evaluator.predict(both.streamed(), Progress.silent())) {
                assertThat(streamed.loss()).isEqualTo(whole.loss());
                var expected = evaluator.compare(both.whole(), absent, whole, Progress.silent());
                var found = evaluator.compare(both.streamed(), absent, streamed, Progress.silent());
                for (int i = 0; i < absent.size(); i++) {
                    assertThat(found.get(i).loss()).isEqualTo(expected.get(i).loss());
                    assertThat(found.get(i).fidelity()).isEqualTo(expected.get(i).fidelity());
                }
            }
            assertThat(evaluator.measure(both.streamed(), Progress.silent()).loss())
                    .isEqualTo(evaluator.measure(both.whole(), Progress.silent()).loss());
        }
    }

    @Test
    void similarityIsTheSame() throws IOException {
        try (var both = Both.open("llama3", 1, 1 << 20); var _ = Scope.open()) {
            var cka = Cka.standard(both.whole().layout(), 4);
            var data = items(8, 3);
            assertThat(cka.of(both.streamed(), data, Progress.silent()))
                    .isEqualTo(cka.of(both.whole(), data, Progress.silent()));
        }
    }

    /// Of outputs as many are kept as the memory leaves room for: layers are read again for the others, or these wait on disk. No bit is another.
    @ParameterizedTest
    @CsvSource({"BIASED, 800000", "UNBIASED, 1650000"})
    void similarityTakesWhatTheMemoryLeaves(Estimator estimator, long room) throws IOException {
        var data = items(160, 3);
        try (var _ = Scope.open();
                var file = ModelFile.open(fixture("llama3"));
                var much = new Streaming(file, 1, 1 << 20, 1 << 24).weights();
                var little = new Streaming(file, 1, 1 << 20, room).weights();
                var whole = file.forReading()) {
            var model = file.architecture().build(much);
            var cka = Cka.standard(model.layout(), 1).with(estimator);
            var expected = cka.of(file.architecture().build(whole), data, Progress.silent());
            assertThat(cka.of(model, data, Progress.silent())).isEqualTo(expected);
            assertThat(cka.of(file.architecture().build(little), data, Progress.silent())).isEqualTo(expected);
            if (estimator == Estimator.BIASED) { // by features: the rows of some batches at a time
                assertThat(Streaming.read(little)).isGreaterThan(Streaming.read(much));
            } else { // the rows of all wait on disk
                assertThat(Streaming.read(little)).isEqualTo(Streaming.read(much));
            }
        }
    }

    /// What each of them says alone, bit for bit; angles are of one batch at a time.
    @ParameterizedTest
    @CsvSource({"8, 1, 1048576", "8, 1, 1", "4, 2, 1048576"}) // items a pass, how often all layers are read
    void onePassTellsSimilarityInfluenceAndAngles(int batch, int passes, long room) throws IOException {
        try (var both = Both.open("llama3", 1, room); var _ = Scope.open()) {
            var model = both.streamed();
            var cka = Cka.standard(model.layout(), batch);
            var alone = new Calibration(items(8, 3), batch, 0);
            var data = alone.read(model,
                    new Auto().hears(Kl.standard(), new Wanted(2, List.of(0, 1, 2, 3), true, model.layout())));
            var found = cka.of(new Passes(model, data.examples(),
                    Along.of(data::along, data.sideBySide())), List.of(), Progress.silent()).whole();
            var influence = data.reading(model, Hearing.INFLUENCE).influence(data.meter(model));
            var angles = data.reading(model, Hearing.ANGLES).angles(data.meter(model));
            assertThat(Streaming.read(both.few())).isEqualTo(passes * both.layers());
            var whole = both.whole();
            assertThat(found).isEqualTo(cka.of(whole, data.examples(), Progress.silent()));
            assertThat(influence)
                    .isEqualTo(alone.reading(whole, Hearing.INFLUENCE).influence(data.meter(whole)));
            var expected = alone.reading(whole, Hearing.ANGLES).angles(data.meter(whole));
            assertThat(angles.cosine()).isDeepEqualTo(expected.cosine());
            assertThat(angles.angle()).isDeepEqualTo(expected.angle());
        }
    }

    @ParameterizedTest
    @CsvSource({"refit, llama3", "scale, llama3", "scale-refit, llama3", "refit, mixtral/8x7b", "scale, mixtral/8x7b",
            "scale-refit, mixtral/8x7b", "replaceme, llama3"})
    void theRepairIsTheSame(String name, String network) throws IOException {
        try (var both = Both.open(network, 1, 1 << 20); var _ = Scope.open()) {
            var repair = Repairs.named(name);
            var data = items(16, 4);
            var removed = LayerSet.of(1);
            try (var whole = repair.repair(new RepairTask(both.whole(), removed, data, 4), Progress.silent());
                    var streamed = repair.repair(new RepairTask(both.streamed(), removed, data, 4),
                            Progress.silent())) {
                assertThat(streamed.tensors().keySet()).isNotEmpty().isEqualTo(whole.tensors().keySet());
                whole.tensors().forEach((key, tensor) -> assertThat(Tensors.toDoubles(streamed.tensors().get(key)))
                        .as(key).isEqualTo(Tensors.toDoubles(tensor)));
                var inputs = tokens(2, 9);
                assertThat(Tensors.toDoubles(streamed.network().forward(inputs, Pass.evaluation())))
                        .isEqualTo(Tensors.toDoubles(whole.network().forward(inputs, Pass.evaluation())));
            }
        }
    }

    /// A table that stays in the file's type is drawn as one of the type that is computed in.
    @Test
    void randomRowsAreNotRoundedToWhatTheFileHas() {
        try (var _ = Scope.open()) {
            var seed = Seed.of(7);
            var ids = Tensors.longs(new long[]{3, 0, 9}).view(1, 3);
            var stored = Widened.of(new Embedding("table", Tensors.zeros(DType.BF16, 10, 4), 0.02), DType.F32);
            var wide = new Embedding("table", Tensors.zeros(DType.F32, 10, 4), 0.02);
            var found = stored.reinitialised(seed).forward(ids, Pass.evaluation());
            assertThat(Tensors.dtype(found)).contains(DType.F32);
            assertThat(Tensors.toDoubles(found))
                    .containsExactly(Tensors.toDoubles(wide.reinitialised(seed).forward(ids, Pass.evaluation())));
        }
    }

    /// What a criterion needs goes before layers that could stay.
    @Test
    void fewerLayersAreInMemoryWhereMoreWouldLeaveTooLittle() throws IOException {
        try (var file = ModelFile.open(fixture("llama3"))) {
            long layer = 4 * file.architecture().layers().stream().mapToLong(l -> l.cost().parameters()).max()
                    .orElseThrow();
            var within = file.within(Streaming.least(file) + 4 * layer);
            var usual = Streaming.of(within).orElseThrow();
            assertThat(usual.layers()).isEqualTo(4);
            var sparing = Streaming.of(within.sparing(usual.spare() + layer)).orElseThrow();
            assertThat(sparing.layers()).isEqualTo(3);
            assertThat(sparing.spare()).isEqualTo(usual.spare() + layer);
            assertThat(Streaming.of(within.sparing(Long.MAX_VALUE / 2)).orElseThrow().layers()).isEqualTo(2);
        }
    }

    /// Asked before anything is computed.
    @Test
    void aFitThatTheMemoryDoesNotHoldIsRefusedWithWhatWouldDo() throws IOException {
        try (var file = ModelFile.open(fixture("llama3"));
                var few = new Streaming(file, 2, 1 << 20, 20_000).weights();
                var none = new Streaming(file, 2, 1 << 20, 10).weights();
                var _ = Scope.open()) {
            var network = file.architecture().build(few);
            new RepairTask(network, LayerSet.EMPTY, items(1, 1), 1).checkFit(Progress.silent());
            long tokens = items(1, 1).places(0, 1);
            int fits = RepairTask.fits(network, tokens, 64);
            assertThat(fits).isBetween(1, 63);
            assertThat(RepairTask.fits(network, tokens, fits)).isEqualTo(fits);
            new RepairTask(network, LayerSet.EMPTY, items(fits, 1), 1).checkFit(Progress.silent());
            assertThatThrownBy(
                    () -> new RepairTask(network, LayerSet.EMPTY, items(64, 1), 1).checkFit(Progress.silent()))
                    .isInstanceOf(UsageException.class).hasMessageContaining("a repair on 64 items needs")
                    .hasMessageContaining("--repair-samples %d fits; or raise --memory".formatted(fits));
            assertThatThrownBy(
                    () -> new RepairTask(file.architecture().build(none), LayerSet.EMPTY, items(64, 1), 1)
                            .checkFit(Progress.silent()))
                    .hasMessageContaining("Raise --memory, or --repair none");
        }
    }

    /// All of a layer's experts are there, as fitted and as stored, before the first goes to disk.
    @Test
    void theFitOfExpertsCountsAllTheirMaps() throws IOException {
        try (var file = ModelFile.open(fixture("mixtral/8x7b"));
                var weights = new Streaming(file, 2, 1 << 20, 10).weights();
                var _ = Scope.open()) {
            var network = file.architecture().build(weights);
            var data = items(1, 1);
            var map = network.layers().stream().flatMap(layer -> layer.parameters().values().stream())
                    .max(Comparator.comparingLong(Tensor::numel)).orElseThrow().shape();
            long inner = Math.max(map[0], map[map.length - 1]);
            long width = Math.min(map[0], map[map.length - 1]);
            long rows = data.places(0, 1);
            long fit = 2 * rows * (inner + width) + 5 * rows * rows + 3 * inner * width + 7 * rows * width;
            long experts = 2 * 4 * inner * width;
            assertThatThrownBy(() -> new RepairTask(network, LayerSet.EMPTY, data, 1).checkFit(Progress.silent()))
                    .hasMessageContaining("needs %,d bytes".formatted(4 * (fit + experts)));
        }
    }

    /// Before anything waits; the same again is not news.
    @Test
    void whatAWaveWillKeepOnDiskIsSaidFirst() throws IOException {
        var sets = List.of(LayerSet.of(0), LayerSet.of(1), LayerSet.of(2));
        for (var criterion : List.of(Kl.standard(), LossWhenAbsent.standard())) {
            var told = new Told();
            try (var both = Both.open("llama3", 1, 1); var _ = Scope.open()) {
                var model = both.streamed();
                for (int i = 0; i < 2; i++) {
                    criterion.scores(new ScoringTask(model, new Segment(0, model.layers().size()), sets,
                            new Calibration(items(5, 1), 2, 0), told));
                }
                assertThat(told.lines()).as(criterion.name()).singleElement().asString().startsWith("Up to ")
                        .contains("bytes wait in", "activations");
            }
        }
    }

    @Test
    void aLayerThatOnlyTheFileHasIsNotPutOnOtherTensors() throws IOException {
        try (var both = Both.open("llama3", 1, 1 << 20); var _ = Scope.open()) {
            var layer = both.streamed().layers().getFirst();
            assertThatThrownBy(() -> layer.mapped(Tensor::clone)).isInstanceOf(UnsupportedOperationException.class)
                    .hasMessageContaining("read from its file");
        }
    }

    /// Size and time are compared before each layer is read.
    @Test
    void aFileThatIsCutInTheMidstEndsInAClearError() throws IOException {
        var copy = Files.createDirectories(folder.resolve("cut"));
        for (var file : List.of("config.json", "model.safetensors")) {
            Files.copy(fixture("llama3").resolve(file), copy.resolve(file));
        }
        try (var file = ModelFile.open(copy);
                var weights = new Streaming(file, 1, 1 << 20, 1L << 40).weights();
                var _ = Scope.open()) {
            var model = file.architecture().build(weights);
            model.layers().getFirst().forward(model.stem().forward(tokens(1, 1), Pass.evaluation()),
                    Pass.evaluation());
            var weightFile = copy.resolve("model.safetensors");
            try (var channel = java.nio.channels.FileChannel.open(weightFile, java.nio.file.StandardOpenOption.WRITE)) {
                channel.truncate(Files.size(weightFile) - 64);
            }
            assertThatThrownBy(() -> model.layers().get(2).forward(Tensors.zeros(dev.sglp.tensor.DType.F32, 1, 4, 16),
                    Pass.evaluation())).hasMessageContaining("was changed while it was in use");
        }
    }

    @Test
    void memoryThatHoldsNoTwoLayersIsRefusedWithTheLeastThatWorks() throws IOException {
        try (var file = ModelFile.open(fixture("llama3"))) {
            assertThat(Streaming.of(file)).isEmpty();
            assertThat(Streaming.of(file.within(1L << 40))).isEmpty();
            assertThatThrownBy(() -> Streaming.of(file.within(1 << 20))).isInstanceOf(UsageException.class)
                    .hasMessageContaining("The least that works: ");
            long least = Stream.iterate(1L << 20, bytes -> bytes + (1 << 12)).filter(bytes -> works(file, bytes))
                    .findFirst().orElseThrow();
            var streaming = Streaming.of(file.within(least));
            assertThat(streaming).isPresent();
            assertThat(streaming.get().words()).contains("2 of 4 layers are in memory at a time");
        }
    }

    private static boolean works(ModelFile file, long bytes) {
        try {
            Streaming.of(file.within(bytes));
            return true;
        } catch (UsageException _) {
            return false;
        }
    }
}
