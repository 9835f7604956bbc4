package dev.sglp.importance.letter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sglp.Oracle;
import dev.sglp.checkpoint.Weights;
import dev.sglp.data.Dataset;
import dev.sglp.family.ModelFile;
import dev.sglp.importance.Criterion.Score;
import dev.sglp.importance.ScoringTask;
import dev.sglp.importance.ScoringTask.Calibration;
import dev.sglp.importance.letter.Letter.Batches;
import dev.sglp.importance.letter.Letter.Form;
import dev.sglp.model.LayerSet;
import dev.sglp.model.LayeredModel;
import dev.sglp.progress.Progress;
import dev.sglp.segmentation.Segmentation.Segment;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Tensors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The letter of the paper against PyTorch (`tools/make_letter_oracle.py`): both sides have the same random networks.
final class LetterTest {
    private static final double TOLERANCE = 1e-6; // relative; float32 here, float64 there
    private static final Batches TWO_OF_TWO = new Batches(2, 2, 2);

    /// A pretrained pico network, another one on random tensors, and items for both. All of it is closed with this.
    private record Fixture(Scope scope, ModelFile file, Weights dense, Weights random, Weights items,
            LayeredModel model) implements AutoCloseable {
        static Fixture of(String name) throws IOException {
            var scope = Scope.open();
            var file = ModelFile.open(name.equals("resnet")
                    ? Oracle.file("pico_resnet.safetensors")
                    : Path.of("src/test/resources/decoder/llama3"));
            var items = Oracle.weights("letter_%s.safetensors".formatted(name));
            var drawn = new LinkedHashMap<String, Tensor>();
            items.all().entrySet().stream().filter(e -> e.getKey().startsWith("random."))
                    .forEach(e -> drawn.put(e.getKey().substring("random.".length()), e.getValue().clone()));
            var dense = file.forTraining();
            return new Fixture(scope, file, dense, Weights.of("random", drawn), items,
                    file.architecture().build(dense));
        }

        LayeredModel drawn() {
            return file.architecture().build(random);
        }

        Dataset examples() {
            return new Oracle.Items(items.get("input"), items.get("targets"), List.of("a", "b", "c", "d", "e"));
        }

        ScoringTask task(Segment segment, List<LayerSet> gone) {
            return new ScoringTask(model, segment, gone, new Calibration(examples(), 128, 1), Progress.Silent.INSTANCE);
        }

        LayerSet without(Segment segment, LayerSet some) {
            return new LayerSet(model.removable().indices().stream()
                    .filter(i -> segment.contains(i) && !some.contains(i)).toList());
        }

        @Override
        public void close() throws IOException {
            items.close();
            random.close();
            dense.close();
            file.close();
            scope.close();
        }
    }

    /// In whatever order the candidates come.
    @ParameterizedTest
    @CsvSource({"resnet, RESET", "resnet, ACCUMULATED", "llama, RESET", "llama, ACCUMULATED"})
    void everyCombinationHasTheNormThatAutogradGives(String name, Form form) throws IOException {
        try (var fixture = Fixture.of(name)) {
            for (var question : Oracle.json("letter.json").get(name)) {
                var segment = new Segment(question.at("/segment/0").asInt(), question.at("/segment/1").asInt());
                var expected = new ArrayList<JsonNode>();
                question.get("combinations").forEach(expected::add);
                for (var order : List.of(expected, expected.reversed())) {
                    var gone = order.stream().map(c -> fixture.without(segment, set(c.get("stay")))).toList();
                    var got = new LetterScores(fixture.task(segment, gone), new Letter(form, 1, TWO_OF_TWO),
                            _ -> fixture.drawn()).scores();
                    for (int i = 0; i < got.size(); i++) {
                        double norm = order.get(i).get(form == Form.RESET ? "letter" : "accumulated").asDouble();
                        assertThat(-got.get(i).value()).as("%s without %s", question.get("segment"), gone.get(i))
                                .isCloseTo(norm, within(TOLERANCE * norm));
                    }
                }
            }
        }
    }

    private static LayerSet set(JsonNode layers) {
        return new LayerSet(IntStream.range(0, layers.size()).mapToObj(i -> layers.get(i).asInt()).toList());
    }

    /// What is drawn depends on the seed; the weights and the stored statistics stay as they are.
    @ParameterizedTest
    @ValueSource(strings = {"resnet", "llama"})
    void theSameSeedGivesTheSameScoresAndChangesNothing(String name) throws IOException {
        try (var fixture = Fixture.of(name)) {
            var before = values(fixture.dense);
            for (var letter : List.of(Letter.standard(), Letter.accumulated())) {
                var first = scores(fixture, letter, 1);
                assertThat(scores(fixture, letter, 1)).isEqualTo(first);
                assertThat(scores(fixture, letter, 2)).isNotEqualTo(first);
                assertThat(first).allMatch(s -> s.value() < 0 && s.spread() == 0);
            }
            assertThat(values(fixture.dense)).isEqualTo(before);
        }
    }

    private static List<Score> scores(Fixture fixture, Letter letter, long seed) {
        return letter.scores(new ScoringTask(fixture.model, new Segment(0, 2), List.of(LayerSet.of(0), LayerSet.of(1)),
                new Calibration(fixture.examples(), 128, seed), Progress.Silent.INSTANCE));
    }

    private static List<List<Double>> values(Weights weights) {
        return weights.all().values().stream()
                .map(t -> java.util.Arrays.stream(Tensors.toDoubles(t)).boxed().toList()).toList();
    }

    /// `(d₀ + d₁) / 2` and `|d₀ − d₁| / √2`.
    @ParameterizedTest
    @EnumSource(Form.class)
    void drawsAreAveragedAndTheirSpreadIsTold(Form form) throws IOException {
        try (var fixture = Fixture.of("resnet")) {
            var one = scores(fixture, new Letter(form, 1, TWO_OF_TWO), 1);
            var two = scores(fixture, new Letter(form, 2, TWO_OF_TWO), 1);
            for (int i = 0; i < one.size(); i++) {
                double first = one.get(i).value();
                double second = 2 * two.get(i).value() - first;
                assertThat(second).isNotCloseTo(first, within(1e-5 * Math.abs(first)));
                assertThat(two.get(i).spread()).isCloseTo(Math.abs(first - second) / Math.sqrt(2), within(1e-9));
            }
        }
    }

    /// A layer that must stay is in every combination, as if nobody had asked whether it may go.
    @Test
    void protectedLayersArePretrained() throws IOException {
        try (var fixture = Fixture.of("resnet")) {
            var segment = new Segment(0, 6);
            var letter = new Letter(Form.RESET, 1, TWO_OF_TWO);
            var free = fixture.task(segment, List.of(LayerSet.of(0)));
            var kept = new ScoringTask(free.model(), segment, LayerSet.of(1), free.candidates(), free.data(),
                    free.progress(), free.work());
            assertThat(new LetterScores(kept, letter, _ -> fixture.drawn()).scores())
                    .isEqualTo(new LetterScores(free, letter, _ -> fixture.drawn()).scores());
        }
    }

    /// Scores that depend on those before are not kept one by one: a run that goes on would accumulate anew.
    @Test
    void onlyScoresThatStandAloneAreToldAlone() throws IOException {
        try (var fixture = Fixture.of("resnet")) {
            var task = fixture.task(new Segment(0, 2), List.of(LayerSet.of(0), LayerSet.of(1)));
            var told = new ArrayList<LayerSet>();
            var listening = task.told((set, _) -> told.add(set));
            new Letter(Form.ACCUMULATED, 1, TWO_OF_TWO).scores(listening);
            assertThat(told).isEmpty();
            new Letter(Form.RESET, 1, TWO_OF_TWO).scores(listening);
            assertThat(told).containsExactlyInAnyOrder(LayerSet.of(0), LayerSet.of(1));
        }
    }

    @Test
    void settingsThatMeanNothingAreRefused() {
        assertThatThrownBy(() -> new Letter(Form.RESET, 0, Letter.USUAL)).hasMessageContaining("--draws");
        assertThatThrownBy(() -> new Batches(0, 64, 4)).hasMessageContaining("at least one batch");
    }
}
