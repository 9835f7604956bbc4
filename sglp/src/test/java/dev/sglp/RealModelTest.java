package dev.sglp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sglp.checkpoint.Weights;
import dev.sglp.data.DataSpec;
import dev.sglp.data.image.ImageSet;
import dev.sglp.data.image.ImageSource;
import dev.sglp.data.image.Normalisation;
import dev.sglp.data.image.Reading;
import dev.sglp.data.source.ImageSources;
import dev.sglp.evaluation.Predictions;
import dev.sglp.family.ModelFile;
import dev.sglp.importance.GradNorm;
import dev.sglp.importance.LossWhenAbsent;
import dev.sglp.importance.ScoringTask;
import dev.sglp.importance.ScoringTask.Calibration;
import dev.sglp.model.LayerSet;
import dev.sglp.model.LayeredModel;
import dev.sglp.progress.Progress;
import dev.sglp.segmentation.Fisher;
import dev.sglp.segmentation.Segmentation.Segment;
import dev.sglp.similarity.Cka;
import dev.sglp.similarity.Cka.Estimator;
import dev.sglp.similarity.Cka.Kernel;
import dev.sglp.similarity.SimilarityMatrix;
import dev.sglp.tensor.Scope;
import java.io.IOException;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The trained CIFAR ResNets on real images, against the numbers of the project's page of data and of PyTorch.
@EnabledIfEnvironmentVariable(named = "SGLP_TEST_DATA", matches = ".+")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class RealModelTest {
    private static final String RESNET56 = "resnet56-4bfd9763.th";
    private static final int SAMPLES = 128;
    private Scope scope;
    private ImageSet test;
    private ImageSet calibration;
    private Weights weights;
    private LayeredModel resNet56;

    @BeforeAll
    void open() throws IOException {
        scope = Scope.open();
        var source = ImageSources.open(DataSpec.parse("images:" + Oracle.real("data/cifar10-jpeg.zip")));
        var reading = Reading.with(Normalisation.IMAGENET);
        test = source.decode(ImageSource.TEST, reading);
        // every 390th of the sorted training names
        calibration = source.decode(ImageSource.TRAIN, IntStream.range(0, SAMPLES).map(i -> 390 * i).toArray(),
                reading);
        try (var file = ModelFile.open(Oracle.real("models/" + RESNET56))) {
            weights = file.load();
            resNet56 = file.architecture().build(weights);
        }
    }

    @AfterAll
    void close() {
        if (weights != null) {
            weights.close();
        }
        scope.close();
    }

    @Test
    void theImagesAreTheOraclesPixelByPixel() {
        long sum = 0;
        for (int i = 0; i < SAMPLES; i++) {
            for (byte value : calibration.pixels(i)) {
                sum += Byte.toUnsignedInt(value);
            }
        }
        long expected = Oracle.json("cka_resnet56.json").get("images").get("pixel_sum").asLong();
        assertThat(sum).isCloseTo(expected, within(expected / 100_000)); // JPEG decoders round differently
        assertThat(IntStream.of(calibration.labels()).distinct().toArray())
                .containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
    }

    @ParameterizedTest
    @CsvSource({"resnet20-12fca82f.th, 8103, 9872, 0.87880", RESNET56 + ", 8320, 9895, 0.94230"})
    void theTestImagesAreClassifiedAsByPyTorch(String name, int top1, int top5, double loss) throws IOException {
        try (var file = ModelFile.open(Oracle.real("models/" + name));
                var loaded = file.load();
                var predictions = Predictions.of(file.architecture().build(loaded), test, 250, Progress.silent())) {
            assertThat(predictions.size()).isEqualTo(10_000);
            assertThat(predictions.right(1)).isCloseTo(top1, within(3));
            assertThat(predictions.right(5)).isCloseTo(top5, within(3));
            assertThat(predictions.loss()).isCloseTo(loss, within(5e-4));
        }
    }

    private SimilarityMatrix cka(Kernel kernel, Estimator estimator, int batchSize) {
        return new Cka(kernel, 0.5, estimator, Cka.Features.FLAT, batchSize, 1L << 28).of(resNet56, calibration,
                Progress.silent());
    }

    private static void check(SimilarityMatrix matrix, JsonNode rows) {
        assertThat(matrix.size()).isEqualTo(27).isEqualTo(rows.size());
        for (int i = 0; i < 27; i++) {
            for (int j = 0; j < 27; j++) {
                assertThat(matrix.get(i, j)).as("%d, %d", i, j).isCloseTo(rows.get(i).get(j).asDouble(),
                        within(1e-5));
            }
        }
    }

    /// The first row as another run of PyTorch gave it, and the segments that follow.
    @Test
    void theSimilarityIsPyTorchsAndIsCutWhereItShould() {
        var matrix = cka(Kernel.LINEAR, Estimator.BIASED, SAMPLES);
        var first = new double[]{1, .961505, .923663, .874038, .847494, .812726, .797750, .773091, .762089, .759097,
                .765552, .770779, .755422, .745886, .733149, .718250, .706606, .687356, .641827, .627604, .614772,
                .600610, .583701, .567134, .526666, .491907, .421528};
        for (int j = 0; j < first.length; j++) {
            assertThat(matrix.get(0, j)).isCloseTo(first[j], within(1e-5));
        }
        check(matrix, Oracle.json("cka_resnet56.json").get("biased"));
        assertThat(Fisher.of(matrix, Fisher.Features.ROWS, 3, 12)).hasToString("[0,6) [6,24) [24,27)");
    }

    @Test
    void theOtherEstimatorsAndKernelsArePyTorchsToo() {
        var json = Oracle.json("cka_resnet56.json");
        check(cka(Kernel.LINEAR, Estimator.UNBIASED, 50), json.get("unbiased"));
        check(cka(Kernel.LINEAR, Estimator.MINIBATCH, json.get("minibatch").get("size").asInt()),
                json.get("minibatch").get("values"));
        check(cka(Kernel.RBF, Estimator.BIASED, SAMPLES), json.get("rbf").get("biased"));
    }

    @Test
    void gradientNormsArePyTorchs() {
        try (var random = Oracle.weights("gradnorm_reinit.safetensors")) {
            var fixed = FixedLayer.in(resNet56, random);
            int checked = 0;
            for (var entry : Oracle.json("gradnorm_resnet56.json").get("scores")) {
                var by = entry.get("by").asText() + " " + entry.get("statistics").asText();
                if (by.equals("reinit batch")) {
                    compare(task(fixed, entry), GradNorm.Absence.REINIT, entry.get("float64").get("all"));
                    checked++;
                } else if (by.equals("identity stored")) {
                    compare(task(resNet56, entry), GradNorm.Absence.IDENTITY, entry.get("float64").get("common"));
                    assertThat(new LossWhenAbsent().scores(task(resNet56, entry)).getFirst().value())
                            .isCloseTo(entry.get("float64").get("loss").asDouble(), within(1e-4));
                    checked++;
                }
            }
            assertThat(checked).isEqualTo(8);
        }
    }

    private ScoringTask task(LayeredModel model, JsonNode entry) {
        var absent = StreamSupport.stream(entry.get("absent").spliterator(), false).map(JsonNode::asInt).toList();
        var segment = new Segment(entry.get("segment").get(0).asInt(), entry.get("segment").get(1).asInt());
        return new ScoringTask(model, segment, List.of(new LayerSet(absent)),
                new Calibration(calibration, SAMPLES, 0), Progress.Silent.INSTANCE);
    }

    private static void compare(ScoringTask task, GradNorm.Absence absence, JsonNode expected) {
        for (var norm : GradNorm.Norm.values()) {
            var criterion = new GradNorm(absence, GradNorm.Reading.ABSENT, norm, GradNorm.Range.ALL, 1);
            double value = expected.get(norm == GradNorm.Norm.SUM ? "sum" : "global").asDouble();
            assertThat(criterion.scores(task).getFirst().value()).as("%s %s %s", absence, norm, task.candidates())
                    .isCloseTo(value, within(1e-4 * value));
        }
    }
}
