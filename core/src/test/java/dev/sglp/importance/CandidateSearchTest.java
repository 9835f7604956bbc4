package dev.sglp.importance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sglp.Oracle;
import dev.sglp.Scoped;
import dev.sglp.TinyNetwork;
import dev.sglp.fault.InputException;
import dev.sglp.importance.CandidateSearch.Question;
import dev.sglp.importance.CandidateSearch.ScoredSet;
import dev.sglp.importance.ScoringTask.Calibration;
import dev.sglp.model.LayerSet;
import dev.sglp.progress.Progress;
import dev.sglp.segmentation.Segmentation.Segment;
import dev.sglp.tensor.DType;
import dev.sglp.tensor.Tensors;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Random;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(Scoped.class)
final class CandidateSearchTest {
    private static final int LAYERS = 9;
    private static final Progress.Step SILENT = Progress.Silent.INSTANCE;

    /// A criterion that computes a score from the indices and remembers what it was asked.
    private record Given(ToDoubleFunction<LayerSet> score, List<LayerSet> asked) implements Criterion {
        Given(ToDoubleFunction<LayerSet> score) {
            this(score, new ArrayList<>());
        }

        @Override
        public String name() {
            return "given";
        }

        @Override
        public String source() {
            return "test";
        }

        @Override
        public List<Score> scores(ScoringTask task) {
            asked.addAll(task.candidates());
            return task.candidates().stream().map(c -> Score.of(score.applyAsDouble(c))).toList();
        }
    }

    private static CandidateSearch search(Criterion criterion) {
        return search(criterion, 0);
    }

    private static CandidateSearch search(Criterion criterion, long seed) {
        return search(criterion, seed, LAYERS);
    }

    private static CandidateSearch search(Criterion criterion, long seed, int layers) {
        var items = new Oracle.Items(Tensors.zeros(DType.F32, 2, 3), Tensors.longs(new long[2]), List.of("a"));
        return new CandidateSearch(TinyNetwork.random(layers, 3, 0), new Segment(0, layers), LayerSet.EMPTY, criterion,
                new Calibration(items, 2, seed));
    }

    /// The sum of a weight for every layer.
    private static Given additive(long seed) {
        var weights = new Random(seed).doubles(LAYERS).toArray();
        return new Given(set -> set.indices().stream().mapToDouble(i -> weights[i]).sum());
    }

    /// A score that has nothing to do with the scores of the parts.
    private static Given wild(long seed) {
        return new Given(set -> new Random(seed + set.hashCode() * 7919L).nextDouble());
    }

    private static Question question(int remove, int width) {
        return new Question(IntStream.range(0, LAYERS).boxed().toList(), remove, width);
    }

    @Test
    void everySetIsScoredOnceAndTheLowestComesFirst() {
        var criterion = wild(1);
        var found = search(criterion).search(question(3, 0), SILENT);
        assertThat(criterion.asked()).hasSize(84).doesNotHaveDuplicates().allMatch(s -> s.size() == 3); // 9 choose 3
        assertThat(found).extracting(ScoredSet::layers).containsExactlyInAnyOrderElementsOf(criterion.asked());
        assertThat(found).extracting(s -> s.score().value()).isSorted();
    }

    @Test
    void setsAreMadeOfTheQuestionsLayersOnly() {
        var criterion = wild(1);
        search(criterion).search(new Question(List.of(2, 5, 7), 2, 0), SILENT);
        assertThat(criterion.asked()).containsExactlyInAnyOrder(LayerSet.of(2, 5), LayerSet.of(2, 7),
                LayerSet.of(5, 7));
    }

    @ParameterizedTest
    @CsvSource({"1, 3", "2, 1", "3, 2", "4, 5", "9, 2"})
    void aBeamNeverScoresASetTwiceAndKeepsItsPromiseOfWork(int remove, int width) {
        var criterion = wild(2);
        var search = search(criterion);
        search.singles(question(remove, width).layers(), SILENT);
        var found = search.search(question(remove, width), SILENT);
        assertThat(criterion.asked()).doesNotHaveDuplicates().hasSizeLessThanOrEqualTo(
                Math.toIntExact(question(remove, width).toScore())).hasSize(search.scored());
        assertThat(found).isNotEmpty().allMatch(s -> s.layers().size() == remove)
                .extracting(s -> s.score().value()).isSorted();
    }

    /// Each step adds one of the two layers with the lowest scores alone that are not yet in.
    @Test
    void aBeamThatTriesFewLayersTakesTheBestAlone() {
        var criterion = additive(3);
        var search = search(criterion);
        var order = search.singles(question(4, 1).layers(), SILENT).stream()
                .sorted(Comparator.comparingDouble(s -> s.score().value())).map(ScoredSet::layers).toList();
        var narrow = new Question(question(4, 1).layers(), 4, 1, false, 2);
        var found = search.search(narrow, SILENT);
        assertThat(criterion.asked()).hasSize(9 + 3 * 2).doesNotHaveDuplicates()
                .hasSize(Math.toIntExact(narrow.toScore()));
        assertThat(found.getFirst().layers()).isEqualTo(order.subList(0, 4).stream().reduce(LayerSet::union).get());
        assertThat(found).hasSize(2);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void aBeamFindsTheBestOfAnAdditiveCriterion(long seed) {
        var best = search(additive(seed)).search(question(4, 0), SILENT).getFirst();
        for (int width : new int[]{1, 3}) {
            assertThat(search(additive(seed)).search(question(4, width), SILENT).getFirst().layers())
                    .isEqualTo(best.layers());
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void aBeamAsWideAsEverythingFindsTheBestOfAnyCriterion(long seed) {
        var all = search(wild(seed)).search(question(4, 0), SILENT);
        assertThat(search(wild(seed)).search(question(4, 84), SILENT)).isEqualTo(all); // 84 sets of 3
        assertThat(search(wild(seed)).search(question(4, 1), SILENT)).hasSizeLessThan(all.size());
    }

    @Test
    void setsOfEverySizeComeOnRequestSmallerOnesFirst() {
        var all = IntStream.range(0, LAYERS).boxed().toList();
        var criterion = wild(3);
        var found = search(criterion).search(new Question(all, 3, 0, true), SILENT);
        assertThat(criterion.asked()).doesNotHaveDuplicates().hasSize(1 + 9 + 36 + 84);
        assertThat(found).extracting(s -> s.layers().size()).isSorted();
        var beam = search(wild(3)).search(new Question(all, 3, 84, true), SILENT);
        assertThat(beam).isEqualTo(found);
        var narrow = new Question(all, 3, 1, true);
        assertThat(search(wild(3)).search(narrow, SILENT)).extracting(s -> s.layers().size())
                .containsOnly(0, 1, 2, 3).hasSizeLessThanOrEqualTo(Math.toIntExact(narrow.toScore()));
    }

    /// And each is drawn as often as any other.
    @Test
    void drawnSetsDifferAreOfTheQuestionsLayersAndFollowFromTheSeed() {
        var layers = List.of(0, 1, 2, 4, 5, 7, 8);
        var question = Question.drawing(layers, 3, 20); // of 35
        assertThat(question.possible()).isEqualTo(35);
        assertThat(question.toScore()).isEqualTo(20);
        var often = new HashMap<LayerSet, Integer>();
        for (int seed = 0; seed < 700; seed++) {
            var criterion = wild(1);
            var found = search(criterion, seed).search(question, SILENT);
            assertThat(criterion.asked()).hasSize(20).doesNotHaveDuplicates().isSorted()
                    .allMatch(set -> set.size() == 3 && layers.containsAll(set.indices()));
            assertThat(search(wild(1), seed).search(question, SILENT)).isEqualTo(found);
            criterion.asked().forEach(set -> often.merge(set, 1, Integer::sum));
        }
        // 700 × 20 / 35 = 400 with a standard deviation of √(700 × 4/7 × 3/7) = 13.1
        assertThat(often).hasSize(35).allSatisfy((_, count) -> assertThat(count).isBetween(400 - 53, 400 + 53));
    }

    @Test
    void nothingIsDrawnWhereEverySetFits() {
        var all = question(4, 0);
        assertThat(search(wild(1)).search(Question.drawing(all.layers(), 4, 128), SILENT))
                .isEqualTo(search(wild(1)).search(all, SILENT)).hasSize(126);
    }

    /// Scores that rise with every layer, each pair adding something: what was asked last bounds what would be found.
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void aShortlistFindsWhatAskingAllFinds(long seed) {
        int layers = 24;
        var random = new Random(seed);
        var pairs = random.doubles((long) layers * layers).map(x -> x * x * x).toArray();
        ToDoubleFunction<LayerSet> rising = set -> set.indices().stream().mapToDouble(i -> i / 8.0 + set.indices()
                .stream().filter(j -> j >= i).mapToDouble(j -> pairs[i * layers + j]).sum()).sum();
        var all = new Given(rising);
        var few = new Given(rising);
        var steps = new Counting();
        var open = IntStream.range(0, layers).boxed().toList();
        var question = new Question(open, 6, 1);
        var expected = search(all, 0, layers).search(question, SILENT).getFirst();
        assertThat(search(few, 0, layers).greedy(open, 6, steps)).isEqualTo(expected);
        assertThat(few.asked()).doesNotHaveDuplicates().hasSizeLessThan(all.asked().size());
        assertThat(steps.units + few.asked().size()).isEqualTo(question.toScore()); // what is not asked is told as done
    }

    /// Counts what it is told.
    private static final class Counting implements Progress.Step {
        private long units;

        @Override
        public void advance(long more) {
            units += more;
        }

        @Override
        public void note(String what) {}

        @Override
        public void close() {}
    }

    @Test
    void aShortlistGoesOnBehindSetsThatAreNotFinite() {
        var search = search(new Given(set -> set.size() > 1 && set.indices().getLast() < 10
                ? Double.NaN
                : set.indices().getLast()), 0, 12);
        assertThat(search.greedy(IntStream.range(0, 12).boxed().toList(), 2, SILENT).layers())
                .isEqualTo(LayerSet.of(0, 10));
    }

    @Test
    void aShortlistThatNowhereGoesOnSaysWhatToDo() {
        var search = search(new Given(set -> set.size() > 1 ? Double.NaN : set.indices().getFirst()));
        assertThatThrownBy(() -> search.greedy(List.of(1, 2, 3), 2, SILENT)).isInstanceOf(InputException.class)
                .hasMessageContaining("no finite score");
    }

    @Test
    void tiesGoToTheEarlierLayers() {
        var found = search(new Given(_ -> 1)).search(question(2, 0), SILENT);
        assertThat(found.getFirst().layers()).isEqualTo(LayerSet.of(0, 1));
        assertThat(found.getLast().layers()).isEqualTo(LayerSet.of(7, 8));
    }

    @Test
    void removingNothingScoresNothing() {
        var criterion = wild(1);
        assertThat(search(criterion).search(question(0, 0), SILENT)).extracting(ScoredSet::layers)
                .containsExactly(LayerSet.EMPTY);
        assertThat(criterion.asked()).isEmpty();
    }

    /// A layer whose absence leaves nothing finite spoils every set it is in, and no other.
    @ParameterizedTest
    @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY})
    void setsWithoutAFiniteScoreComeLastAndAreNamed(double wrong) {
        var sums = additive(4);
        var criterion = new Given(set -> set.contains(4) ? wrong : sums.score().applyAsDouble(set));
        var search = search(criterion);
        var found = search.search(question(2, 0), SILENT);
        assertThat(found).hasSize(36);
        assertThat(found.subList(0, 28)).noneMatch(s -> s.layers().contains(4)).extracting(s -> s.score().value())
                .isSorted();
        assertThat(found.subList(28, 36)).allMatch(s -> s.layers().contains(4) && !s.score().finite());
        assertThat(search.notFinite())
                .containsExactlyElementsOf(found.subList(28, 36).stream().map(ScoredSet::layers).toList());
        var beam = search(criterion);
        assertThat(beam.search(question(3, 2), SILENT).getFirst()).isEqualTo(
                search(criterion).search(question(3, 0), SILENT).getFirst());
        assertThat(beam.notFinite()).allMatch(s -> s.contains(4)).contains(LayerSet.of(4));
    }

    @Test
    void aBeamThatNowhereGoesOnSaysWhatToDo() {
        assertThatThrownBy(() -> search(new Given(_ -> Double.NaN)).search(question(2, 1), SILENT))
                .isInstanceOf(InputException.class).hasMessageContaining("'given'")
                .hasMessageContaining("9 sets of layers").hasMessageContaining("--criterion");
    }

    @ParameterizedTest
    @CsvSource({"0, 0, 1", "5, 0, 1", "5, 5, 1", "5, 2, 10", "17, 4, 2380", "3, 4, 0", "60, 30, 118264581564861424",
            "70, 35, 9223372036854775807"})
    void binomialCoefficientsAreExactAndSaturate(int n, int k, long expected) {
        assertThat(CandidateSearch.choose(n, k)).isEqualTo(expected);
    }
}
