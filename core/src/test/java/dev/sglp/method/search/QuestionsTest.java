package dev.sglp.method.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sglp.fault.UsageException;
import dev.sglp.importance.CandidateSearch.Question;
import dev.sglp.pruning.Quota;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class QuestionsTest {
    private static List<List<Integer>> open(int... sizes) {
        return IntStream.of(sizes).mapToObj(n -> IntStream.range(0, n).boxed().toList()).toList();
    }

    @Test
    void everySetIsScoredWhileAllFitTheBudget() {
        var questions = Questions.of(open(6, 10, 5), List.of(2, 3, 1), false, 140); // 15 + 120 + 5
        assertThat(questions).extracting(Question::width).containsOnly(0);
        assertThat(Questions.name(questions)).isEqualTo("all");
    }

    @Test
    void oneOverTheBudgetTheLargeSegmentsAreSearchedByBeam() {
        var questions = Questions.of(open(6, 10, 5), List.of(2, 3, 1), false, 139);
        assertThat(questions.get(1).width()).isPositive();
        assertThat(Questions.name(questions)).isEqualTo("beam(%d)".formatted(questions.get(1).width()));
    }

    /// The budget is each segment's own.
    @Test
    void setsOfOneSizeAreDrawnWhereASegmentHasMore() {
        var all = Questions.ofOneSize(open(6, 10, 5), List.of(2, 3, 0), 120); // 15, 120
        assertThat(Questions.name(all)).isEqualTo("all");
        assertThat(all).extracting(Question::toScore).containsExactly(15L, 120L, 0L);
        var some = Questions.ofOneSize(open(6, 10, 5), List.of(2, 3, 0), 119);
        assertThat(Questions.name(some)).isEqualTo("drawn(119)");
        assertThat(some).extracting(Question::toScore).containsExactly(15L, 119L, 0L);
        assertThat(Questions.possible(some)).isEqualTo(15 + 120 + 6 + 10 + 5);
        assertThat(Questions.work(some)).isEqualTo(15 + 119 + 6 + 10 + 5);
        var alone = Questions.ofOneSize(open(6, 10), List.of(1, 2), 4); // each layer alone is scored anyway
        assertThat(alone).extracting(Question::toScore).containsExactly(6L, 4L);
        assertThat(Questions.work(alone)).isEqualTo(6 + 10 + 4);
    }

    @ParameterizedTest
    @CsvSource({"128, 6, 17, 2, 2", "200, 14, 9, 7, 4", "5000, 200, 200, 201, 5", "900, 20, 20, 20, 10"})
    void theBudgetIsKept(int budget, int a, int b, int c, int each) {
        var questions = questions(budget, a, b, c, each);
        assertThat(questions.stream().mapToLong(Question::toScore).sum()).isLessThanOrEqualTo(budget);
    }

    /// The narrowest beam over 25 layers scores 189 sets on the way to 9 and 234 to 12.
    @ParameterizedTest
    @CsvSource({"9, false", "12, false", "9, true", "12, true"})
    void theNarrowestBeamKeepsTheBudgetByTryingFewerLayers(int remove, boolean fewer) {
        var questions = Questions.of(open(25), List.of(remove), fewer, 128);
        assertThat(questions.getFirst().width()).isEqualTo(1);
        assertThat(questions.getFirst().toScore()).isBetween(115L, 128L);
        assertThat(Questions.name(questions)).isEqualTo("beam(1, best %d)".formatted(questions.getFirst().tries()));
        var wide = Questions.of(open(25), List.of(remove), fewer, 400);
        assertThat(Questions.name(wide)).doesNotContain("best");
    }

    /// Each layer alone is scored whatever the budget says; the larger sets keep it.
    @ParameterizedTest
    @CsvSource({"128, 200, 200, 201, 5", "30, 20, 20, 20, 10"})
    void aBudgetBelowTheLayersGivesTheNarrowestBeamOfAll(int budget, int a, int b, int c, int each) {
        var questions = questions(budget, a, b, c, each);
        assertThat(questions).extracting(Question::width).containsOnly(1);
        assertThat(questions).extracting(Question::tries).containsOnly(1);
        assertThat(questions.stream().mapToLong(q -> q.toScore() - q.layers().size()).sum())
                .isLessThanOrEqualTo(budget);
    }

    @Test
    void aBudgetThatCannotBeKeptIsRefused() {
        assertThatThrownBy(() -> questions(26, 20, 20, 20, 10)).isInstanceOf(UsageException.class)
                .hasMessageContaining("--candidates is at least 27");
        assertThat(questions(27, 20, 20, 20, 10)).hasSize(3);
    }

    private static List<Question> questions(int budget, int a, int b, int c, int each) {
        return Questions.of(open(a, b, c), List.of(Math.min(a, each), Math.min(b, each), Math.min(c, each)), false,
                budget);
    }

    @Test
    void countsBeyondSixtyThreeBitsSaturate() {
        var questions = Questions.of(open(200, 200), List.of(90, 90), false, 100_000);
        assertThat(Questions.possible(questions)).isEqualTo(Long.MAX_VALUE);
    }

    /// The empty set and those of one and two layers: 1 + 6 + 15 and 1 + 5 + 10.
    @Test
    void smallerSetsCountAsWell() {
        var questions = Questions.of(open(6, 5), List.of(2, 2), true, 38);
        assertThat(Questions.name(questions)).isEqualTo("all");
        assertThat(Questions.possible(questions)).isEqualTo(38);
        var fewer = Questions.of(open(6, 5), List.of(2, 2), true, 37);
        assertThat(Questions.name(fewer)).startsWith("beam");
        assertThat(fewer.stream().mapToLong(Question::toScore).sum()).isLessThanOrEqualTo(37);
    }

    @Test
    void segmentsWhoseLayersAllStayOfferNothingButThemselves() {
        var questions = Questions.of(open(0, 0, 7), List.of(0, 0, 6), true, 128); // 1 + 1 + 127 sets
        assertThat(questions).extracting(Question::width).containsOnly(0);
        assertThat(Questions.of(open(200, 200), List.of(0, 0), true, 1)).extracting(Question::width).containsOnly(0);
    }

    /// 15 + 120 + 5 sets of the quota; single layers of the two segments whose sets are larger.
    @Test
    void whatThereIsToScoreCountsLayersAlone() {
        assertThat(Questions.possible(Questions.of(open(6, 10, 5), List.of(2, 3, 1), false, 1000)))
                .isEqualTo(140 + 6 + 10);
    }

    /// Whatever the segments, the quota and the budget: besides each layer alone no more sets than that are scored.
    @Test
    void theBudgetIsNeverExceeded() {
        var random = new Random(7);
        for (int i = 0; i < 2000; i++) {
            var open = open(IntStream.generate(() -> random.nextInt(30)).limit(1 + random.nextInt(5)).toArray());
            int layers = open.stream().mapToInt(List::size).sum();
            int remove = random.nextInt(layers + 1);
            boolean fewer = random.nextBoolean();
            var most = (fewer ? Quota.GLOBAL : Quota.PROPORTIONAL).most(remove, open.stream().map(List::size).toList());
            int budget = most.stream().mapToInt(m -> m + 1).sum() + random.nextInt(400);
            var questions = Questions.of(open, most, fewer, budget);
            long singles = questions.stream().filter(q -> q.width() > 0 || q.wantsSingles())
                    .mapToLong(q -> q.layers().size()).sum();
            long empty = questions.stream().filter(Question::fewer).count();
            assertThat(questions.stream().mapToLong(Question::toScore).sum() - singles - empty)
                    .as("%s, %s of them, budget %d", open, most, budget).isLessThanOrEqualTo(budget);
        }
    }

    @Test
    void segmentsThatGiveNothingAskNothing() {
        var questions = Questions.of(open(6, 0), List.of(1, 0), false, 128);
        assertThat(Questions.possible(questions)).isEqualTo(6);
        assertThat(questions.getLast().toScore()).isZero();
    }
}
