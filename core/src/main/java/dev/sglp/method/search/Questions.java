package dev.sglp.method.search;

import dev.sglp.fault.UsageException;
import dev.sglp.importance.CandidateSearch;
import dev.sglp.importance.CandidateSearch.Question;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/// How each segment is searched: every set while all of them together fit the budget of candidates, else the larger
/// segments by beam.
public final class Questions {
    private Questions() {}

    /// Every segment whose sets fit its share of the budget is enumerated; what they leave is shared by the beams. Where the narrowest
    /// beams are too wide for that, they try fewer layers, so that the budget is kept; each layer alone, and nothing absent, are scored whatever it says.
    ///
    /// @param most   how many layers of each segment go; with `fewer`, at most
    /// @param fewer  whether smaller sets are wanted as well
    /// @param budget how many sets are scored at most, besides each layer alone
    /// @throws UsageException where the budget is smaller than one set for each layer that goes
    public static List<Question> of(List<List<Integer>> open, List<Integer> most, boolean fewer, int budget) {
        var possible = new long[open.size()];
        for (int s = 0; s < open.size(); s++) {
            possible[s] = new Question(open.get(s), most.get(s), 0, fewer).possible();
        }
        boolean all = Arrays.stream(possible).reduce(0, CandidateSearch::saturated) <= budget;
        long layers = open.stream().mapToLong(List::size).sum();
        var few = IntStream.range(0, open.size())
                .filter(s -> all || possible[s] <= 1 || possible[s] <= (double) budget * open.get(s).size() / layers)
                .boxed().toList();
        long left = budget - few.stream().mapToLong(s -> possible[s]).sum();
        long beamed = layers - few.stream().mapToLong(s -> open.get(s).size()).sum();
        return within(budget, IntStream.range(0, open.size()).mapToObj(s -> {
            int width = few.contains(s)
                    ? 0
                    : width(open.get(s).size(), most.get(s), left * open.get(s).size() / beamed - (fewer ? 1 : 0));
            return new Question(open.get(s), most.get(s), width, fewer);
        }).toList());
    }

    /// Sets of one size alone, at most so many of each segment: beyond that they are drawn. Each layer alone is scored whatever the budget says.
    public static List<Question> ofOneSize(List<List<Integer>> open, List<Integer> remove, int most) {
        return IntStream.range(0, open.size()).mapToObj(s -> remove.get(s) == 1
                ? new Question(open.get(s), 1, 0)
                : Question.drawing(open.get(s), remove.get(s), most)).toList();
    }

    /// The same, trying as many layers as the budget allows.
    private static List<Question> within(int budget, List<Question> questions) {
        var trying = questions;
        int widest = questions.stream().mapToInt(q -> q.layers().size()).max().orElse(0);
        for (int tries = widest - 1; tries > 0 && sets(trying) > budget; tries--) {
            int most = tries;
            trying = questions.stream().map(q -> q.width() == 0 ? q : q.trying(most)).toList();
        }
        long larger = trying.stream().mapToLong(Questions::larger).sum();
        if (larger > budget) {
            throw new UsageException(
                    "--candidates is at least %d to remove so many layers, got %d".formatted(larger, budget));
        }
        return trying;
    }

    /// How many of its sets have more than one layer.
    private static long larger(Question question) {
        boolean singles = question.wantsSingles() || question.width() > 0 && question.remove() > 0;
        return question.toScore() - (singles ? question.layers().size() : 0) - (question.fewer() ? 1 : 0);
    }

    private static long sets(List<Question> questions) {
        return questions.stream().mapToLong(Question::toScore).reduce(0, CandidateSearch::saturated);
    }

    /// The widest beam whose levels fit the share.
    private static int width(int layers, int remove, long share) {
        return (int) Math.max(1, (share - layers) / Math.max(1L, (remove - 1L) * (layers - 1L)));
    }

    /// At most how many sets are scored, singles for the diagnosis included.
    public static long work(List<Question> questions) {
        return questions.stream().mapToLong(q -> larger(q) + q.layers().size() + (q.fewer() ? 1 : 0)).sum();
    }

    /// How many sets there are to score, singles for the diagnosis included.
    public static long possible(List<Question> questions) {
        return questions.stream()
                .mapToLong(q -> CandidateSearch.saturated(q.possible(), q.wantsSingles() ? 0 : q.layers().size()))
                .reduce(0, CandidateSearch::saturated);
    }

    public static String name(List<Question> questions) {
        int widest = questions.stream().mapToInt(Question::width).max().orElse(0);
        int tries = questions.stream().mapToInt(Question::tries).min().orElse(Integer.MAX_VALUE);
        var drawn = questions.stream().filter(q -> q.possible() > q.drawn()).mapToInt(Question::drawn).max();
        if (drawn.isPresent()) {
            return "drawn(%d)".formatted(drawn.getAsInt());
        }
        return widest == 0
                ? "all"
                : tries == Integer.MAX_VALUE
                        ? "beam(%d)".formatted(widest)
                        : "beam(%d, best %d)".formatted(widest, tries);
    }
}
