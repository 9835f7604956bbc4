package dev.sglp.method;

import dev.sglp.fault.UsageException;
import dev.sglp.importance.BlockInfluence;
import dev.sglp.importance.CandidateSearch;
import dev.sglp.method.Finals.Entrant;
import dev.sglp.model.LayerSet;
import dev.sglp.progress.Progress;
import dev.sglp.pruning.PruningPlan.Candidates;
import dev.sglp.pruning.PruningPlan.ForwardEquivalents;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The best plans of several methods side by side on the verification data; the lowest loss wins. They are SGLP by the criterion
/// that was asked for and by the loss, SLEB, and block influence of each layer alone. No one of them is best on every network.
public record Auto() implements Method {
    @Override
    public String name() {
        return "auto";
    }

    @Override
    public String source() {
        return "the lowest loss on held-out data; sglp, sleb, one-shot block-influence";
    }

    /// @throws UsageException where nothing is verified
    @Override
    public Choice choose(PlanningTask task, Progress progress) {
        if (task.remove() > 0 && !Finals.held(task)) {
            throw new UsageException(
                    "--method auto compares plans on the verification data, of which there is none. Raise --verify and --verify-samples");
        }
        var loss = task.scoredBy(new RememberedLoss(task));
        boolean wanted = task.criterion().name().equals(loss.criterion().name());
        var asked = new SglpMethod().search(wanted ? loss : task, progress);
        if (task.remove() == 0) {
            return asked.choice(LayerSet.EMPTY, List.of(), asked.candidates());
        }
        var entered = new Entered();
        entered.add("sglp, " + task.criterion().name(), asked.removals(), asked.candidates());
        if (!wanted) {
            var found = new SglpMethod().search(loss, progress);
            entered.add("sglp, loss", found.removals(), found.candidates());
        }
        entered.add("sleb", new Sleb().choose(loss, progress));
        entered.add("block influence", new OneShot().choose(task.scoredBy(new BlockInfluence()), progress));

        var held = Finals.of(task, entered.entrants(), progress);
        progress.say("The lowest loss on other data has the plan of %s.".formatted(held.plans().getFirst().by()));
        return asked.choice(held.winner(), held.plans(), entered.candidates().verified(held.cost()));
    }

    /// @param plans each with the method that found it first, as the methods came
    /// @param seen  what each method looked at
    private record Entered(Map<LayerSet, String> plans, List<Candidates> seen) {
        Entered() {
            this(new LinkedHashMap<>(), new ArrayList<>());
        }

        void add(String method, Choice choice) {
            add(method, List.of(choice.removed()), choice.candidates());
        }

        void add(String method, List<LayerSet> found, Candidates candidates) {
            found.forEach(plan -> plans.putIfAbsent(plan, method));
            seen.add(candidates);
        }

        List<Entrant> entrants() {
            return plans.entrySet().stream().map(plan -> new Entrant(plan.getKey(), Double.NaN, plan.getValue()))
                    .toList();
        }

        Candidates candidates() {
            double scores = seen.stream().map(Candidates::forwardEquivalents)
                    .mapToDouble(w -> w == null ? 0 : w.scores()).sum();
            return new Candidates(seen.stream().mapToInt(Candidates::scored).sum(),
                    seen.stream().mapToLong(Candidates::possible).reduce(0, CandidateSearch::saturated), "auto",
                    new ForwardEquivalents(0, scores, 0),
                    seen.stream().flatMap(c -> c.notFinite().stream()).distinct().sorted().toList());
        }
    }
}
