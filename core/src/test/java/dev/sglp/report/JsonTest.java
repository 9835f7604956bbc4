package dev.sglp.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sglp.model.LayerSet;
import dev.sglp.output.OutputException;
import dev.sglp.pruning.PruningPlan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTest {
    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(strings = {"model.family", "model.layers", "segmentation.boundaries", "plan.removed",
            "plan.candidates.scored", "plan.candidates.possible", "before.accuracy", "before.loss", "before.parameters",
            "before.macs", "before.bytes", "before.latency_ms.batch_1.median", "after.accuracy",
            "after.latency_ms.batch_128", "after.fidelity.kl_divergence", "after_removal.accuracy",
            "seconds.similarity", "peak_rss_bytes", "importance", "calibration_examples"})
    void theJsonOfPruneHasTheNamesOfTheDesign(String path) throws IOException {
        JsonNode node = tree(Json.pretty(SampleRecord.full()));
        for (String name : path.split("\\.")) {
            assertThat(node.has(name)).as(name + " of " + path).isTrue();
            node = node.get(name);
        }
    }

    @Test
    void whereNoDifferenceWasMeasuredARecordSaysSoAndNoSpeedUp() throws IOException {
        var latency = tree(Json.pretty(SampleRecord.full())).at("/after/latency_ms");
        assertThat(latency.at("/batch_1/against_dense/difference_measured").asBoolean(true)).isFalse();
        assertThat(latency.at("/batch_1/against_dense/times_as_fast").isNull()).isTrue();
        assertThat(latency.at("/batch_1/against_dense/low").asDouble()).isEqualTo(0.98);
        assertThat(latency.at("/batch_128/against_dense/times_as_fast").asDouble()).isEqualTo(1.31);
        assertThat(tree(Json.pretty(SampleRecord.full())).at("/before/latency_ms/batch_1").has("against_dense"))
                .isFalse();
    }

    @Test
    void theSimilarityIsTheSquareMatrixItself() throws IOException {
        var similarity = tree(Json.compact(SampleRecord.full())).get("similarity");
        assertThat(similarity).hasSize(27).allSatisfy(row -> assertThat(row).hasSize(27));
        assertThat(similarity.get(4).get(4).asDouble()).isEqualTo(1);
    }

    @Test
    void camelCaseComponentsAreWrittenInSnakeCase() {
        record Found(double lossIncrease, int topK) {}
        assertThat(Json.compact(new Found(0.5, 3))).isEqualTo("{\"loss_increase\":0.5,\"top_k\":3}");
    }

    @Test
    void numbersThatAreNotFiniteBecomeNull() {
        record Found(double a, Double b, List<Double> c) {}
        assertThat(
                Json.compact(new Found(Double.NaN, Double.NEGATIVE_INFINITY, List.of(1.5, Double.POSITIVE_INFINITY))))
                .isEqualTo("{\"a\":null,\"b\":null,\"c\":[1.5,null]}");
    }

    @Test
    void aPlanReadsBackAsItWasWritten() throws IOException {
        Path file = directory.resolve("new/plan.json");
        Json.write(SampleRecord.plan(), file);
        assertThat(Json.readPlan(file)).isEqualTo(SampleRecord.plan());
        assertThat(file.getParent()).isDirectoryNotContaining("glob:**.tmp");
    }

    @Test
    void howAPlanWasRepairedWhenItWasVerifiedReadsBack() throws IOException {
        var plan = Json
                .readPlan(edited("\"total\" : 7.642,", "\"total\" : 7.642, \"by\" : \"sleb\", \"whole\" : true,"));
        assertThat(plan.verification().getFirst().whole()).isTrue();
        assertThat(plan.verification().getLast().whole()).isNull();
    }

    @Test
    void whatCannotBeWrittenIsNoFaultOfTheInput() throws IOException {
        var file = Files.writeString(directory.resolve("file"), "");
        assertThatThrownBy(() -> Json.write(SampleRecord.plan(), file.resolve("plan.json")))
                .isInstanceOf(OutputException.class).hasMessageContaining("plan.json");
    }

    @Test
    void aScoreThatIsNotANumberReadsBackAsNaN() throws IOException {
        var plan = Json.readPlan(edited("\"total\" : 7.642", "\"total\" : null"));
        assertThat(plan.verification().getFirst().total()).isNaN();
    }

    @Test
    void aPlanEditedByHandStillLoads() throws IOException {
        PruningPlan plan = Json.readPlan(edited("\"removed\" : [ 3, 12, 13, 16, 22, 26 ],\n  \"names\"",
                "\"removed\" : [ 4, 3 ],\n  \"names\""));
        assertThat(plan.removed()).isEqualTo(LayerSet.of(3, 4));
    }

    @Test
    void aLayerOutsideTheNetworkIsRefused() throws IOException {
        Path file = edited("\"removed\" : [ 3, 12, 13, 16, 22, 26 ],\n  \"names\"",
                "\"removed\" : [ 27 ],\n  \"names\"");
        assertThatIOException().isThrownBy(() -> Json.readPlan(file)).withMessageContaining("plan.json")
                .withMessageContaining("removes layer 27 of a network of 27 layers");
    }

    @Test
    void aNegativeLayerIsRefusedWithItsField() throws IOException {
        Path file = edited("\"removed\" : [ 3, 12, 13, 16, 22, 26 ],\n  \"names\"",
                "\"removed\" : [ -1 ],\n  \"names\"");
        assertThatIOException().isThrownBy(() -> Json.readPlan(file)).withMessageContaining("field 'removed'")
                .withMessageContaining("at least 0, got -1");
    }

    @Test
    void anUnknownFieldIsRefusedByName() throws IOException {
        Path file = edited("\"scored\" : 105", "\"scored\" : 105, \"scord\" : 105");
        assertThatIOException().isThrownBy(() -> Json.readPlan(file)).withMessageContaining("[" + file + "]")
                .withMessageContaining("unknown field 'candidates.scord'").withMessageContaining("scored");
    }

    @Test
    void aMissingFieldIsRefusedByName() throws IOException {
        Path file = edited("\"scored\" : 105,", "");
        assertThatIOException().isThrownBy(() -> Json.readPlan(file)).withMessageContaining("[" + file + "]")
                .withMessageContaining("field 'candidates.scored' is missing");
    }

    @Test
    void aWrongTypeIsRefusedByName() throws IOException {
        Path file = edited("\"scored\" : 105", "\"scored\" : \"many\"");
        assertThatIOException().isThrownBy(() -> Json.readPlan(file))
                .withMessageContaining("field 'candidates.scored'");
    }

    @Test
    void aCutPlanIsRefusedWithItsLine() throws IOException {
        Path file = directory.resolve("plan.json");
        var text = Json.pretty(SampleRecord.plan());
        for (int length = 1; length < text.length() - 2; length += 97) {
            Files.writeString(file, text.substring(0, length));
            assertThatIOException().isThrownBy(() -> Json.readPlan(file)).withMessageMatching(
                    "\\[.*plan\\.json] line \\d+, column \\d+: (the text ends in the middle\\. .*|no valid JSON: [^\\[`]*)");
        }
    }

    @Test
    void aDamagedPlanIsRefusedWithItsLineAndWithoutItsReadersNames() throws IOException {
        var file = edited("\"quota\" : [ 1, 4, 1 ]", "\"quota\" : [ 1, 4, 1 }");
        assertThatIOException().isThrownBy(() -> Json.readPlan(file)).withMessageMatching(
                ".* line \\d+, column \\d+: no valid JSON: .* \\(for Array starting at line \\d+, column \\d+\\)\\. Maybe .*");
        var number = edited("\"total\" : 7.642", "\"total\" : " + "1".repeat(1200));
        assertThatIOException().isThrownBy(() -> Json.readPlan(number)).withMessageContaining("exceeds the maximum")
                .withMessageNotContainingAny("`", "Source", "StreamRead");
    }

    private Path edited(String from, String to) throws IOException {
        String json = Json.pretty(SampleRecord.plan());
        assertThat(json).contains(from);
        Path file = directory.resolve("plan.json");
        Files.writeString(file, json.replace(from, to));
        return file;
    }

    private static JsonNode tree(String json) throws IOException {
        return new ObjectMapper().readTree(json);
    }
}
