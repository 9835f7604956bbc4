package dev.sglp.method;

import dev.sglp.importance.CandidateSearch;
import dev.sglp.importance.CandidateSearch.ScoredSet;
import dev.sglp.importance.Criterion.Score;
import dev.sglp.method.Finals.Entrant;
import dev.sglp.method.search.BestPlans;
import dev.sglp.method.search.Questions;
import dev.sglp.model.LayerSet;
import dev.sglp.progress.Progress;
import dev.sglp.pruning.PruningPlan.Candidates;
import dev.sglp.pruning.PruningPlan.ForwardEquivalents;
import dev.sglp.pruning.PruningPlan.Scored;
import dev.sglp.pruning.PruningPlan.SegmentChoice;
import dev.sglp.pruning.PruningPlan.Verified;
import dev.sglp.pruning.Quota;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/// SGLP (arXiv 2410.14720): a quota for each segment, the best set inside each segment, the best plans verified.
///
/// @param quota how many layers go from each segment
public record SglpMethod(Quota quota) implements Method {
    /// Each segment gives its share.
    public SglpMethod() {
        this(Quota.PROPORTIONAL);
    }

    /// Ends a sentence about this method, where it is not as usual.
    public String words() {
        return quota.shared() ? ", global quota" : "";
    }

    @Override
    public String name() {
        return "sglp";
    }

    @Override
    public String source() {
        return "arXiv 2410.14720";
    }

    @Override
    public boolean verifies() {
        return true;
    }

    @Override
    public boolean comparesSizes() {
        return quota.shared();
    }

    @Override
    public Choice choose(PlanningTask task, Progress progress) {
        var found = search(task, progress);
        if (!Finals.held(task)) {
            return found.choice(found.plans.getFirst().removed(), List.of(), found.candidates);
        }
        var entrants = found.plans.stream().map(plan -> new Entrant(plan.removed(), plan.total(), null)).toList();
        var held = Finals.of(task, entrants, progress);
        return found.choice(held.winner(), held.plans(), found.candidates.verified(held.cost()));
    }

    /// What the search inside the segments came to, before anything is verified.
    ///
    /// @param plans the best, lowest first: as many as will be verified, at least one
    /// @param best  the scored sets of each segment
    record Found(PlanningTask task, List<BestPlans.Plan> plans, List<List<ScoredSet>> best, List<Scored> singles,
            Candidates candidates) {
        List<LayerSet> removals() {
            return plans.stream().map(BestPlans.Plan::removed).toList();
        }

        /// @param counted what the whole choice looked at
        Choice choice(LayerSet removed, List<Verified> verified, Candidates counted) {
            var given = Choice.taken(removed, task.segmentation());
            var sets = removals().contains(removed) ? choices(best, given) : List.<SegmentChoice>of();
            return new Choice(removed, given, sets, counted, verified, singles);
        }
    }

    Found search(PlanningTask task, Progress progress) {
        var open = IntStream.range(0, task.segmentation().size()).mapToObj(task::open).toList();
        boolean fewer = quota.shared();
        var most = quota.most(task.remove(), open.stream().map(List::size).toList());
        var questions = task.criterion().comparesOneSize()
                ? Questions.ofOneSize(open, most, task.limits().candidates())
                : Questions.of(open, most, fewer, task.limits().candidates());
        var work = task.meter();
        var criterion = task.prepared(work);
        var searches = task.segmentation().segments().stream().map(s -> task.search(s, criterion)).toList();
        var best = new ArrayList<List<ScoredSet>>();
        var singles = new ArrayList<Scored>();
        try (var step = progress.step("scoring sets of layers by " + task.criterion().name(), Questions.work(questions),
                "candidates")) {
            for (int s = 0; s < questions.size(); s++) {
                step.note("segment %d of %d, %d layers".formatted(s + 1, questions.size(), open.get(s).size()));
                searches.get(s).singles(open.get(s), step).stream().map(Choice::plain).forEach(singles::add);
                best.add(searches.get(s).search(questions.get(s), step));
            }
        }
        var plans = plans(task, fewer ? best.stream().map(SglpMethod::rises).toList() : best);
        var notFinite = searches.stream().flatMap(s -> s.notFinite().stream()).sorted().toList();
        int scored = searches.stream().mapToInt(CandidateSearch::scored).sum();
        if (plans.isEmpty() || scored > 0 && notFinite.size() == scored) {
            throw CandidateSearch.nothingFinite(task.criterion(), notFinite.size());
        }
        double scores = work.forwardEquivalents()
                + searches.stream().mapToDouble(CandidateSearch::forwardEquivalents).sum();
        var candidates = new Candidates(scored, Questions.possible(questions), Questions.name(questions),
                new ForwardEquivalents(0, scores, 0), notFinite);
        return new Found(task, plans, best, singles, candidates);
    }

    /// The best of sets whose scores are finite.
    private static List<BestPlans.Plan> plans(PlanningTask task, List<List<ScoredSet>> best) {
        return BestPlans.of(best, task.remove(), Math.max(1, task.limits().verify())).stream()
                .filter(plan -> Double.isFinite(plan.total())).toList();
    }

    /// By how much each set raises the score of its segment, from where nothing of it goes: the first.
    private static List<ScoredSet> rises(List<ScoredSet> sets) {
        double whole = sets.getFirst().score().value();
        return sets.stream().map(s -> new ScoredSet(s.layers(), Score.of(s.score().value() - whole))).toList();
    }

    /// The sets among which each segment's was chosen: those of its size.
    private static List<SegmentChoice> choices(List<List<ScoredSet>> best, List<Integer> given) {
        return IntStream.range(0, best.size()).filter(s -> given.get(s) > 0)
                .mapToObj(s -> new SegmentChoice(s, given.get(s), best.get(s).stream()
                        .filter(set -> set.layers().size() == given.get(s)).map(Choice::plain).toList()))
                .toList();
    }
}
