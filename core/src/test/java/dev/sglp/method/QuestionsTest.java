package dev.sglp.method;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sglp.importance.CandidateSearch.Question;
import java.util.List;
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

    @ParameterizedTest
    @CsvSource({"128, 6, 17, 2, 2", "200, 14, 9, 7, 4", "5000, 200, 200, 201, 5", "900, 20, 20, 20, 10"})
    void theBudgetIsKept(int budget, int a, int b, int c, int each) {
        var questions = questions(budget, a, b, c, each);
        assertThat(questions.stream().mapToLong(Question::toScore).sum()).isLessThanOrEqualTo(budget);
    }

    /// Less than one set a level cannot be kept.
    @ParameterizedTest
    @CsvSource({"128, 200, 200, 201, 5", "100, 20, 20, 20, 10"})
    void aBudgetThatIsTooSmallGivesTheNarrowestBeam(int budget, int a, int b, int c, int each) {
        assertThat(questions(budget, a, b, c, each)).extracting(Question::width).containsOnly(1);
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

    @Test
    void segmentsThatGiveNothingAskNothing() {
        var questions = Questions.of(open(6, 0), List.of(1, 0), false, 128);
        assertThat(Questions.possible(questions)).isEqualTo(6);
        assertThat(questions.getLast().toScore()).isZero();
    }
}
