package dev.sglp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sglp.checkpoint.Weights;
import dev.sglp.data.DataSpec;
import dev.sglp.data.image.ImageSet;
import dev.sglp.data.image.Normalisation;
import dev.sglp.data.image.Reading;
import dev.sglp.data.source.ImageSources;
import dev.sglp.evaluation.Predictions;
import dev.sglp.family.ModelFile;
import dev.sglp.importance.GradNorm;
import dev.sglp.importance.GradNorm.Absence;
import dev.sglp.importance.GradNorm.Norm;
import dev.sglp.importance.GradNorm.Range;
import dev.sglp.importance.LossWhenAbsent;
import dev.sglp.importance.ScoringTask;
import dev.sglp.importance.ScoringTask.Calibration;
import dev.sglp.model.FixedLayer;
import dev.sglp.model.LayerSet;
import dev.sglp.model.Layout;
import dev.sglp.progress.Progress;
import dev.sglp.segmentation.Fisher;
import dev.sglp.segmentation.Segmentation.Segment;
import dev.sglp.similarity.Cka;
import dev.sglp.similarity.Representation;
import dev.sglp.similarity.SimilarityMatrix;
import dev.sglp.tensor.Scope;
import java.io.IOException;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The real ResNets on the real images; skipped where `SGLP_TEST_DATA` names none.
final class RealModelTest {
    private static final String RESNET_56 = "models/resnet56-4bfd9763.th";

    /// The training images that the oracle used: sorted names, every 390th, the first 128.
    private static ImageSet calibration() throws IOException {
        var source = ImageSources.open(DataSpec.parse("images:" + Oracle.real("data/cifar10-jpeg.zip")));
        return source.decode("train", IntStream.range(0, 128).map(i -> 390 * i).toArray(),
                Reading.with(Normalisation.IMAGENET));
    }

    @ParameterizedTest
    @CsvSource({"models/resnet20-12fca82f.th, 8103, 9872, 0.87880", "models/resnet56-4bfd9763.th, 8320, 9895, 0.94230"})
    void tenThousandTestImagesAreClassifiedAsPyTorchDoes(String model, int right, int top5, double loss)
            throws IOException {
        var source = ImageSources.open(DataSpec.parse("images:" + Oracle.real("data/cifar10-jpeg.zip")));
        var images = source.decode("test", Reading.with(Normalisation.IMAGENET));
        try (var file = ModelFile.open(Oracle.real(model));
                Weights weights = file.forReading();
                var found = Predictions.of(file.architecture().build(weights), images, 128, Progress.silent())) {
            assertThat(found.right(1)).isCloseTo(right, within(3));
            assertThat(found.right(5)).isCloseTo(top5, within(3));
            assertThat(found.loss()).isCloseTo(loss, within(1e-4));
        }
    }

    @Test
    void theSimilarityOfResNet56IsPyTorchs() throws IOException {
        var oracle = Oracle.json("cka_resnet56.json");
        var images = calibration();
        try (var _ = Scope.open();
                var file = ModelFile.open(Oracle.real(RESNET_56));
                Weights weights = file.forReading()) {
            var network = file.architecture().build(weights);
            var biased = Cka.standard(Layout.MAPS, 128).of(network, images, Progress.silent());
            agree(biased, oracle.get("biased"));
            agree(cka(Cka.Kernel.LINEAR, Cka.Estimator.UNBIASED, 128).of(network, images, Progress.silent()),
                    oracle.get("unbiased"));
            agree(cka(Cka.Kernel.LINEAR, Cka.Estimator.MINIBATCH, 32).of(network, images, Progress.silent()),
                    oracle.get("minibatch").get("values"));
            agree(cka(Cka.Kernel.LINEAR, Cka.Estimator.AVERAGED, 128).of(network, images, Progress.silent()),
                    oracle.get("averaged").get("values"));
            agree(cka(Cka.Kernel.RBF, Cka.Estimator.BIASED, 128).of(network, images, Progress.silent()),
                    oracle.get("rbf").get("biased"));
            assertThat(Fisher.of(biased, Fisher.Features.ROWS, 3, 3).toString()).isEqualTo("[0,6) [6,24) [24,27)");
        }
    }

    private static Cka cka(Cka.Kernel kernel, Cka.Estimator estimator, int batch) {
        return new Cka(kernel, 0.5, estimator, Representation.FLAT, batch, 1L << 30);
    }

    private static void agree(SimilarityMatrix found, JsonNode expected) {
        for (int i = 0; i < found.size(); i++) {
            for (int j = 0; j < found.size(); j++) {
                assertThat(found.get(i, j)).as("%s %d, %d", found.estimator(), i, j)
                        .isCloseTo(expected.get(i).get(j).asDouble(), within(1e-5));
            }
        }
    }

    @Test
    void gradNormOfResNet56IsPyTorchs() throws IOException {
        var data = new Calibration(calibration(), 128, 0);
        try (var _ = Scope.open();
                var file = ModelFile.open(Oracle.real(RESNET_56));
                Weights weights = file.forReading();
                var random = Oracle.weights("gradnorm_reinit.safetensors")) {
            var network = FixedLayer.in(file.architecture().build(weights), random);
            for (var entry : Oracle.json("gradnorm_resnet56.json").get("scores")) {
                if (entry.has("segment") && entry.get("statistics").asText()
                        .equals(entry.get("by").asText().equals("reinit") ? "batch" : "stored")) {
                    var layers = new LayerSet(StreamSupport.stream(entry.get("absent").spliterator(), false)
                            .map(JsonNode::asInt).toList());
                    var segment = new Segment(entry.get("segment").get(0).asInt(), entry.get("segment").get(1).asInt());
                    check(entry, new ScoringTask(network, segment, List.of(layers), data, Progress.Silent.INSTANCE));
                }
            }
        }
    }

    private static void check(JsonNode entry, ScoringTask task) {
        boolean reinit = entry.get("by").asText().equals("reinit");
        var expected = entry.get("float64");
        var absence = reinit ? Absence.REINIT : Absence.IDENTITY;
        close(entry, score(task, absence, Norm.SUM, Range.ALL),
                expected.get(reinit ? "all" : "common").get("sum").asDouble());
        close(entry, score(task, absence, Norm.GLOBAL, Range.ALL),
                expected.get(reinit ? "all" : "common").get("global").asDouble());
        if (reinit) {
            close(entry, score(task, absence, Norm.SUM, Range.SEGMENT), expected.get("segment").get("sum").asDouble());
        } else {
            close(entry, LossWhenAbsent.standard().scores(task).getFirst().value(), expected.get("loss").asDouble());
        }
    }

    private static double score(ScoringTask task, Absence absence, Norm norm, Range scope) {
        return new GradNorm(absence, GradNorm.Reading.ABSENT, norm, scope, 1).scores(task).getFirst().value();
    }

    private static void close(JsonNode entry, double found, double expected) {
        assertThat(found).as("%s", entry).isCloseTo(expected, within(1e-4 * expected));
    }
}
