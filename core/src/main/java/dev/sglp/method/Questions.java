package dev.sglp.method;

import dev.sglp.importance.CandidateSearch;
import dev.sglp.importance.CandidateSearch.Question;
import java.util.ArrayList;
import java.util.List;

/// How each segment is searched: every set while all of them together fit the budget of candidates, else the larger
/// segments by beam.
final class Questions {
    private Questions() {}

    static List<Question> of(List<List<Integer>> open, List<Integer> quota, int budget) {
        long all = 0;
        for (int s = 0; s < open.size(); s++) {
            all = saturated(all, quota.get(s) == 0 ? 0 : CandidateSearch.choose(open.get(s).size(), quota.get(s)));
        }
        int layers = Math.max(1, open.stream().mapToInt(List::size).sum());
        var questions = new ArrayList<Question>();
        for (int s = 0; s < open.size(); s++) {
            long share = Math.max(1, (long) budget * open.get(s).size() / layers);
            boolean few = all <= budget || CandidateSearch.choose(open.get(s).size(), quota.get(s)) <= share;
            questions.add(
                    new Question(open.get(s), quota.get(s), few ? 0 : width(open.get(s).size(), quota.get(s), share)));
        }
        return questions;
    }

    /// The widest beam whose levels fit the share.
    private static int width(int layers, int remove, long share) {
        return (int) Math.max(1, (share - layers) / Math.max(1L, (remove - 1L) * (layers - 1L)));
    }

    /// How many scores are asked for, singles for the diagnosis included.
    static long work(List<Question> questions) {
        return questions.stream().mapToLong(q -> q.toScore() + q.layers().size()).sum();
    }

    static long possible(List<Question> questions) {
        return questions.stream().mapToLong(q -> q.remove() == 0 ? 0 : q.possible()).reduce(0, Questions::saturated);
    }

    static String name(List<Question> questions) {
        int widest = questions.stream().mapToInt(Question::width).max().orElse(0);
        return widest == 0 ? "all" : "beam(%d)".formatted(widest);
    }

    private static long saturated(long a, long b) {
        return a + b < 0 ? Long.MAX_VALUE : a + b;
    }
}
