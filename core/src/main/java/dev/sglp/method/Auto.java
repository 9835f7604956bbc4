package dev.sglp.method;

import dev.sglp.importance.BlockInfluence;
import dev.sglp.importance.Criterion;
import dev.sglp.importance.LossWhenAbsent;
import dev.sglp.model.LayerSet;
import dev.sglp.progress.Progress;
import dev.sglp.pruning.PruningPlan.Candidates;
import dev.sglp.pruning.PruningPlan.ForwardEquivalents;
import dev.sglp.pruning.PruningPlan.Verified;
import java.util.ArrayList;
import java.util.Comparator;
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

    /// @throws IllegalArgumentException where nothing is verified
    @Override
    public Choice choose(PlanningTask task, Progress progress) {
        var asked = new SglpMethod().search(task, progress);
        if (task.remove() == 0) {
            return asked.choice(LayerSet.EMPTY, List.of(), 0);
        }
        if (!Finals.held(task)) {
            throw new IllegalArgumentException(
                    "--method auto compares plans on the verification data, of which there is none. Raise --verify and --verify-samples");
        }
        var entered = new Entered();
        entered.add(title(task.criterion()), asked.removals(), asked.choice(LayerSet.EMPTY, List.of(), 0));
        var loss = task.scoredBy(LossWhenAbsent.standard());
        if (!task.criterion().name().equals(loss.criterion().name())) {
            var found = new SglpMethod().search(loss, progress);
            entered.add(title(loss.criterion()), found.removals(), found.choice(LayerSet.EMPTY, List.of(), 0));
        }
        entered.add("sleb", new Sleb().choose(loss, progress));
        entered.add("block influence",
                new OneShot().choose(task.scoredBy(new BlockInfluence()), progress));

        var work = task.meter();
        var plans = List.copyOf(entered.plans.keySet());
        var losses = Finals.losses(task, plans, work, progress);
        var verified = new ArrayList<Verified>();
        for (int i = 0; i < losses.length; i++) {
            verified.add(new Verified(plans.get(i), Double.NaN, losses[i], entered.plans.get(plans.get(i))));
        }
        verified.sort(Comparator.comparingDouble(Verified::loss));
        var winner = verified.getFirst();
        progress.say("The lowest loss on other data has the plan of %s.".formatted(winner.by()));
        var own = asked.choice(winner.removed(), verified, 0);
        return new Choice(own.removed(), own.quota(),
                asked.removals().contains(own.removed()) ? own.choices() : List.of(),
                entered.candidates(work.forwardEquivalents()), verified, own.singles());
    }

    private static String title(Criterion criterion) {
        return "sglp, " + criterion.name();
    }

    /// @param plans   each with the method that found it first, as the methods came
    /// @param choices what each method saw
    private record Entered(Map<LayerSet, String> plans, List<Choice> choices) {
        Entered() {
            this(new LinkedHashMap<>(), new ArrayList<>());
        }

        void add(String method, Choice choice) {
            add(method, List.of(choice.removed()), choice);
        }

        void add(String method, List<LayerSet> found, Choice choice) {
            found.forEach(plan -> plans.merge(plan, method, (before, _) -> before));
            choices.add(choice);
        }

        Candidates candidates(double verification) {
            var all = choices.stream().map(Choice::candidates).toList();
            double scores = all.stream().map(Candidates::forwardEquivalents)
                    .mapToDouble(w -> w == null ? 0 : w.scores()).sum();
            return new Candidates(all.stream().mapToInt(Candidates::scored).sum(),
                    all.stream().mapToLong(Candidates::possible).reduce(0,
                            dev.sglp.importance.CandidateSearch::saturated),
                    "auto", new ForwardEquivalents(0, scores, verification));
        }
    }
}
