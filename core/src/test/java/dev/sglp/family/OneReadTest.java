package dev.sglp.family;

import static dev.sglp.family.Both.fixture;
import static dev.sglp.family.Both.asking;
import static dev.sglp.family.Both.items;
import static dev.sglp.family.Both.scores;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sglp.Analysis;
import dev.sglp.Notebook;
import dev.sglp.Recipe;
import dev.sglp.Sglp;
import dev.sglp.Stopwatch;
import dev.sglp.data.DataRoles;
import dev.sglp.importance.Criteria;
import dev.sglp.importance.Criterion;
import dev.sglp.importance.Kl;
import dev.sglp.importance.LossWhenAbsent;
import dev.sglp.importance.ScoringTask.Calibration;
import dev.sglp.importance.stream.Alone;
import dev.sglp.importance.stream.Hearing;
import dev.sglp.model.LayerSet;
import dev.sglp.model.LayeredModel;
import dev.sglp.progress.Progress;
import dev.sglp.pruning.Target;
import dev.sglp.similarity.Along;
import dev.sglp.similarity.Cka;
import dev.sglp.similarity.Cka.Passes;
import dev.sglp.similarity.SimilarityMatrix;
import dev.sglp.tensor.Scope;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// A network that is read from its file is read once for everything that its layers alone are asked; the numbers are those of the network in
/// memory, bit for bit.
final class OneReadTest {
    private static final long ROOM = 1L << 22;
    private static final List<Integer> LAYERS = List.of(0, 1, 2, 3);
    private static final List<LayerSet> SETS = Stream
            .concat(Stream.of(LayerSet.EMPTY), LAYERS.stream().map(LayerSet::of)).toList();
    private static final List<Criterion> CRITERIA = List.of(Kl.standard(), LossWhenAbsent.standard());

    private static Both open(long room) throws IOException {
        var file = ModelFile.open(fixture("llama3"));
        return new Both(file, file.forReading(), new Streaming(file, 1, room, ROOM).weights());
    }

    private static Calibration heard(LayeredModel model, Calibration data) {
        return data.read(model, Set.of(Hearing.INFLUENCE, Hearing.DIVERGENCES, Hearing.LOSSES),
                new Alone(LAYERS, Progress.silent()), 0);
    }

    private static SimilarityMatrix similarity(LayeredModel model, Calibration data) {
        return Cka.standard(model.layout(), data.batchSize())
                .of(new Passes(model, data.examples(), Along.of(data::along, data.sideBySide())), List.of(),
                        Progress.silent())
                .whole();
    }

    /// Several batches pass each layer together, as many as there is room for; what goes without each layer goes along with the first, in
    /// batches of its own.
    @ParameterizedTest
    @CsvSource({"8, 8, 1, 4194304", "1, 1, 1, 0", "8, 4, 1, 4194304", "7, 3, 1, 4194304"}) // windows, a pass, reads, bytes
    void onePassTellsSimilarityInfluenceAndWhatIsLostWithoutEachLayer(int windows, int batch, int reads, long room)
            throws IOException {
        try (var both = open(room); var _ = Scope.open()) {
            var model = both.streamed();
            var alone = new Calibration(items(windows, 3), batch, 0);
            var data = heard(model, alone);
            var found = similarity(model, data);
            var influence = data.reading(model, Hearing.INFLUENCE).influence(data.meter(model));
            var whole = both.whole();
            for (var criterion : CRITERIA) {
                assertThat(scores(criterion, model, SETS, data)).as(criterion.name())
                        .isEqualTo(scores(criterion, whole, SETS, alone));
            }
            assertThat(Streaming.read(both.few())).isEqualTo(reads * both.layers());
            assertThat(found).isEqualTo(similarity(whole, alone));
            assertThat(influence).isEqualTo(alone.reading(whole, Hearing.INFLUENCE).influence(data.meter(whole)));
        }
    }

    /// Nobody heard them: each criterion reads once more.
    @Test
    void whoDoesNotAskFirstReadsAgain() throws IOException {
        try (var both = open(ROOM); var _ = Scope.open()) {
            var model = both.streamed();
            var data = new Calibration(items(8, 3), 8, 0).read(model, Set.of(Hearing.INFLUENCE));
            similarity(model, data);
            CRITERIA.forEach(criterion -> scores(criterion, model, SETS, data));
            assertThat(Streaming.read(both.few())).isEqualTo(3 * both.layers());
        }
    }

    /// What waits on disk would be more than all reads that are spared.
    @Test
    void whatMovesMoreBytesDoesNotGoAlong() throws IOException {
        try (var both = open(0); var _ = Scope.open()) {
            var model = both.streamed();
            var alone = new Calibration(items(16, 3), 16, 0);
            var data = heard(model, alone);
            similarity(model, data);
            long before = Streaming.read(both.few());
            for (var criterion : CRITERIA) {
                assertThat(scores(criterion, model, SETS, data)).as(criterion.name())
                        .isEqualTo(scores(criterion, both.whole(), SETS, alone));
            }
            assertThat(Streaming.read(both.few())).isGreaterThan(before);
        }
    }

    /// Other sets are run besides; the cost of a question is that of the question alone.
    @Test
    void whatIsKnownCountsAllTheSame() throws IOException {
        var sets = List.of(LayerSet.of(2), LayerSet.of(1, 2), LayerSet.of(0), LayerSet.of(0, 3));
        for (var criterion : CRITERIA) {
            try (var both = open(ROOM); var _ = Scope.open()) {
                var model = both.streamed();
                var alone = new Calibration(items(8, 3), 4, 0);
                var data = heard(model, alone);
                similarity(model, data);
                long before = Streaming.read(both.few());
                var known = asking(model, sets, data);
                var expected = asking(model, sets, alone);
                assertThat(criterion.scores(known)).isEqualTo(criterion.scores(expected));
                assertThat(Streaming.read(both.few()) - before).isEqualTo(2 * both.layers());
                assertThat(known.work().forwardEquivalents()).isEqualTo(expected.work().forwardEquivalents());
            }
        }
    }

    /// The diagnosis asks for the loss, whatever is scored by.
    @ParameterizedTest
    @ValueSource(strings = {"kl", "loss", "block-influence"})
    void anAnalysisReadsEachLayerOnce(String criterion) throws IOException {
        try (var both = open(ROOM); var _ = Scope.open()) {
            var found = analysis(both.streamed(), criterion, Notebook.none());
            assertThat(Streaming.read(both.few())).isEqualTo(both.layers());
            var expected = analysis(both.whole(), criterion, Notebook.none());
            assertThat(found.similarity()).isEqualTo(expected.similarity());
            assertThat(found.choice().singles()).hasSize(4).isEqualTo(expected.choice().singles());
            assertThat(found.denseLoss()).isEqualTo(expected.denseLoss());
            assertThat(found.lossWhenAbsent()).hasSize(4).isEqualTo(expected.lossWhenAbsent());
        }
    }

    /// Little is left to score then: similarity, three segments, of which two begin behind what is known of the dense network, the diagnosis.
    @Test
    void whatAStoppedRunHasLeftIsNotScoredAhead() throws IOException {
        try (var both = open(ROOM); var _ = Scope.open()) {
            analysis(both.streamed(), "kl", new Begun());
            assertThat(Streaming.read(both.few())).isEqualTo(4 * both.layers());
        }
    }

    private static Analysis analysis(LayeredModel model, String criterion, Notebook notebook) {
        var usual = Recipe.removing(1, model.layout());
        var recipe = new Recipe(usual.cka(), usual.segments(), usual.method(),
                Criteria.named(criterion), new Target.Count(0), usual.kept(), usual.limits(),
                usual.repair(), usual.healing(), usual.compute());
        var data = new DataRoles(items(8, 3), items(4, 5), items(4, 6), List.of());
        return Sglp.analyze(model, data, recipe, notebook, new Stopwatch(), Progress.silent());
    }

    /// Of a run that was stopped.
    private record Begun(Notebook notebook) implements Notebook.Over {
        Begun() {
            this(Notebook.none());
        }

        @Override
        public boolean begun() {
            return true;
        }
    }
}
