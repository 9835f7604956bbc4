package dev.sglp.method;

import dev.sglp.importance.CandidateSearch.Question;
import dev.sglp.importance.CandidateSearch;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/// How each segment is searched: every set while all of them together fit the budget of candidates, else the larger
/// segments by beam.
final class Questions {
    private Questions() {}

    /// Every segment whose sets fit its share of the budget is enumerated; what they leave is shared by the beams.
    ///
    /// @param most  how many layers of each segment go; with `fewer`, at most
    /// @param fewer whether smaller sets are wanted as well
    static List<Question> of(List<List<Integer>> open, List<Integer> most, boolean fewer, int budget) {
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
        return IntStream.range(0, open.size()).mapToObj(s -> {
            int width = few.contains(s)
                    ? 0
                    : width(open.get(s).size(), most.get(s), left * open.get(s).size() / beamed - (fewer ? 1 : 0));
            return new Question(open.get(s), most.get(s), width, fewer);
        }).toList();
    }

    /// The widest beam whose levels fit the share.
    private static int width(int layers, int remove, long share) {
        return (int) Math.max(1, (share - layers) / Math.max(1L, (remove - 1L) * (layers - 1L)));
    }

    /// How many scores are asked for, singles for the diagnosis included.
    static long work(List<Question> questions) {
        return questions.stream().mapToLong(q -> q.toScore() + q.layers().size()).sum();
    }

    /// How many sets there are to score, singles for the diagnosis included.
    static long possible(List<Question> questions) {
        return questions.stream()
                .mapToLong(q -> CandidateSearch.saturated(q.possible(), q.wantsSingles() ? 0 : q.layers().size()))
                .reduce(0, CandidateSearch::saturated);
    }

    static String name(List<Question> questions) {
        int widest = questions.stream().mapToInt(Question::width).max().orElse(0);
        return widest == 0 ? "all" : "beam(%d)".formatted(widest);
    }
}
