package dev.sglp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sglp.checkpoint.Weights;
import dev.sglp.data.Dataset;
import dev.sglp.family.ModelFile;
import dev.sglp.importance.Criterion;
import dev.sglp.importance.GradNorm;
import dev.sglp.importance.LossWhenAbsent;
import dev.sglp.importance.ScoringTask;
import dev.sglp.importance.ScoringTask.Calibration;
import dev.sglp.model.FixedLayer;
import dev.sglp.model.LayerSet;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.Layout;
import dev.sglp.model.Pass;
import dev.sglp.progress.Progress;
import dev.sglp.segmentation.Segmentation.Segment;
import dev.sglp.similarity.Cka;
import dev.sglp.similarity.Representation;
import dev.sglp.tensor.Tensors;
import java.io.IOException;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// A pico CIFAR ResNet against PyTorch's numbers.
@ExtendWith(Scoped.class)
final class PicoTest {
    private final JsonNode expected = Oracle.json("pico_resnet.json");
    private Weights weights;
    private Weights batch;
    private Weights random;
    private LayeredModel model;
    private Dataset items;

    @BeforeEach
    void open() throws IOException {
        try (var file = ModelFile.open(Oracle.file("pico_resnet.safetensors"))) {
            weights = file.forTraining();
            model = file.architecture().build(weights);
        }
        batch = Oracle.weights("pico_batch.safetensors");
        random = Oracle.weights("pico_reinit.safetensors");
        items = new Oracle.Items(batch.get("input"), batch.get("labels"), List.of("a", "b", "c", "d", "e"));
    }

    @AfterEach
    void close() {
        weights.close();
        batch.close();
        random.close();
    }

    @Test
    void theLogitsArePyTorchs() {
        var logits = model.forward(batch.get("input"), Pass.evaluation());
        assertThat(Tensors.toDoubles(logits.sub(batch.get("logits")).abs().max())[0]).isLessThan(1e-5);
    }

    @ParameterizedTest
    @EnumSource(value = Cka.Estimator.class, names = {"BIASED", "UNBIASED"})
    void theSimilarityIsPyTorchs(Cka.Estimator estimator) {
        var cka = new Cka(Cka.Kernel.LINEAR, 0.5, estimator, Representation.FLAT, 8, 1 << 30);
        var matrix = cka.of(model, items, Progress.silent());
        var rows = expected.get(estimator == Cka.Estimator.BIASED ? "cka_biased" : "cka_unbiased");
        for (int i = 0; i < matrix.size(); i++) {
            for (int j = 0; j < matrix.size(); j++) {
                assertThat(matrix.get(i, j)).as("%d, %d", i, j).isCloseTo(rows.get(i).get(j).asDouble(), within(1e-6));
            }
        }
    }

    @Test
    void theSimilarityIsTheSameInSmallBatchesAndLittleMemory() {
        var whole = Cka.standard(Layout.MAPS, 8).of(model, items, Progress.silent());
        var pieces = new Cka(Cka.Kernel.LINEAR, 0.5, Cka.Estimator.BIASED, Representation.FLAT, 3, 1).of(model, items,
                Progress.silent());
        for (int i = 0; i < whole.size(); i++) {
            for (int j = 0; j < whole.size(); j++) {
                assertThat(pieces.get(i, j)).isCloseTo(whole.get(i, j), within(1e-6));
            }
        }
    }

    @Test
    void gradientNormsArePyTorchs() {
        for (var entry : expected.get("scores")) {
            var by = entry.get("by").asText();
            var statistics = entry.get("statistics").asText();
            if (by.equals("reinit") && statistics.equals("batch")
                    || by.equals("identity") && statistics.equals("stored")) {
                check(entry, by.equals("reinit") ? GradNorm.Absence.REINIT : GradNorm.Absence.IDENTITY);
            }
        }
    }

    private void check(JsonNode entry, GradNorm.Absence absence) {
        var layers = new LayerSet(
                StreamSupport.stream(entry.get("absent").spliterator(), false).map(JsonNode::asInt).toList());
        var segment = new Segment(entry.get("segment").get(0).asInt(), entry.get("segment").get(1).asInt());
        var values = entry.get("float64");
        var all = values.get(absence == GradNorm.Absence.REINIT ? "all" : "common");
        for (int batchSize : new int[]{8, absence == GradNorm.Absence.REINIT ? 8 : 3}) {
            var task = new ScoringTask(FixedLayer.in(model, random), segment, List.of(layers),
                    new Calibration(items, batchSize, 0), Progress.Silent.INSTANCE);
            assertThat(score(task,
                    new GradNorm(absence, GradNorm.Reading.ABSENT, GradNorm.Norm.SUM, GradNorm.Range.ALL, 1)))
                    .as("%s", entry).isCloseTo(all.get("sum").asDouble(), within(1e-4 * all.get("sum").asDouble()));
            assertThat(score(task,
                    new GradNorm(absence, GradNorm.Reading.KEPT, GradNorm.Norm.GLOBAL, GradNorm.Range.ALL, 1)))
                    .isCloseTo(-all.get("global").asDouble(), within(1e-4 * all.get("global").asDouble()));
            assertThat(LossWhenAbsent.standard().scores(task).getFirst().value()).satisfies(loss -> {
                if (absence == GradNorm.Absence.IDENTITY) {
                    assertThat(loss).isCloseTo(values.get("loss").asDouble(), within(1e-5));
                }
            });
            if (absence == GradNorm.Absence.REINIT) {
                assertThat(score(task,
                        new GradNorm(absence, GradNorm.Reading.ABSENT, GradNorm.Norm.SUM, GradNorm.Range.SEGMENT, 1)))
                        .isCloseTo(values.get("segment").get("sum").asDouble(),
                                within(1e-4 * values.get("segment").get("sum").asDouble()));
            }
        }
    }

    private static double score(ScoringTask task, Criterion criterion) {
        return criterion.scores(task).getFirst().value();
    }
}
