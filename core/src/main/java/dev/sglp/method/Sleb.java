package dev.sglp.method;

import dev.sglp.importance.CandidateSearch;
import dev.sglp.importance.CandidateSearch.Question;
import dev.sglp.importance.Criterion;
import dev.sglp.importance.LossWhenAbsent;
import dev.sglp.method.search.Questions;
import dev.sglp.progress.Progress;
import dev.sglp.pruning.PruningPlan.Candidates;
import dev.sglp.pruning.PruningPlan.ForwardEquivalents;
import java.util.List;

/// SLEB (arXiv 2402.09025): one layer after the other, each time the one whose absence raises the loss least, given those
/// that are gone already. The criterion is the loss, whatever else is named.
///
/// @param shortlist whether layers that were far behind in the round before are not asked again
public record Sleb(boolean shortlist) implements Method {
    /// Word for word: all are asked each time.
    public Sleb() {
        this(false);
    }

    @Override
    public String name() {
        return "sleb";
    }

    @Override
    public String source() {
        return "arXiv 2402.09025";
    }

    @Override
    public Criterion criterion(Criterion asked) {
        return LossWhenAbsent.standard();
    }

    @Override
    public Choice choose(PlanningTask task, Progress progress) {
        var search = task.search(task.whole(), task.criterion());
        var question = new Question(task.open(), task.remove(), 1);
        try (var step = progress.step("removing layers one by one (SLEB)", Questions.work(List.of(question)),
                "candidates")) {
            var singles = search.singles(task.open(), step);
            var best = shortlist
                    ? search.greedy(task.open(), task.remove(), step)
                    : search.search(question, step).getFirst();
            if (!best.score().finite()) {
                throw CandidateSearch.nothingFinite(task.criterion(), search.notFinite().size());
            }
            return Choice.of(task, best.layers(), singles,
                    new Candidates(search.scored(), Questions.possible(List.of(question)), "one by one",
                            new ForwardEquivalents(0, search.forwardEquivalents(), 0), search.notFinite()));
        }
    }
}
