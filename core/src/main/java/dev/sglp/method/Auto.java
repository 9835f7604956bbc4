package dev.sglp.method;

import dev.sglp.fault.UsageException;
import dev.sglp.importance.CandidateSearch;
import dev.sglp.importance.Criterion;
import dev.sglp.importance.Kl;
import dev.sglp.importance.stream.Hearing;
import dev.sglp.method.Finals.Entrant;
import dev.sglp.model.LayerSet;
import dev.sglp.progress.Progress;
import dev.sglp.pruning.PruningPlan.Candidates;
import dev.sglp.pruning.PruningPlan.ForwardEquivalents;
import dev.sglp.pruning.PruningPlan.Scored;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/// The best plans of several methods side by side on the verification data, see {@link Entrants}; the one with the lowest loss is
/// polished ({@link Polish}). No one of them is best on every network.
///
/// @param own sets of layers that the user wants to meet them
public record Auto(List<LayerSet> own) implements Method {
    /// Plans that are repaired whole before one is chosen, of networks that read text: a repair takes long.
    public static final int WHOLE_OF_TEXT = 2;
    private static final int MOST = 3; // plans of one entrant

    public Auto {
        own = List.copyOf(own);
    }

    /// The methods alone.
    public Auto() {
        this(List.of());
    }

    @Override
    public String name() {
        return "auto";
    }

    @Override
    public String source() {
        return "the lowest loss on held-out data; sglp, sleb, block influence, contiguous, clusters, prune&comp, then exchanges";
    }

    @Override
    public boolean verifies() {
        return true;
    }

    @Override
    public Method unverified() {
        return new SglpMethod();
    }

    @Override
    public Set<Hearing> hears(Criterion criterion, Wanted wanted) {
        return Entrants.of(criterion).stream()
                .flatMap(entrant -> entrant.method().hears(entrant.criterion(), wanted).stream())
                .collect(Collectors.toSet());
    }

    /// @throws UsageException where nothing is verified
    @Override
    public Choice choose(PlanningTask task, Progress progress) {
        if (task.remove() > 0 && !Finals.held(task)) {
            throw new UsageException(
                    "--method auto compares plans on the verification data, of which there is none. Raise --verify and --verify-samples");
        }
        check(task.remove(), task.open());
        var kl = new RememberedScores(task, Kl.standard());
        var asked = new SglpMethod().search(scoredBy(task, kl, task.criterion()), progress);
        if (task.remove() == 0) {
            return asked.choice(LayerSet.EMPTY, List.of(), asked.candidates());
        }
        var entered = entered(task, kl, asked, progress);
        own.forEach(plan -> entered.plans.putIfAbsent(plan, "yours"));
        var polished = new Polish(task, kl, singles(task, kl)).of(Finals.of(task, entered.entrants(), progress),
                progress);
        var held = Finals.last(task, polished, progress);
        progress.say("The lowest loss on other data has the plan of %s.".formatted(held.plans().getFirst().by()));
        return asked.choice(held.winner(), held.plans(), entered.candidates().verified(held.cost()));
    }

    /// What each method finds.
    ///
    /// @param asked the segments' by the criterion
    private static Entered entered(PlanningTask task, Criterion kl, SglpMethod.Found asked, Progress progress) {
        var entered = new Entered();
        var other = new ArrayList<String>();
        for (var entrant : Entrants.of(task.criterion())) {
            var own = scoredBy(task, kl, entrant.criterion());
            if (entrant.method() instanceof SglpMethod && entrant.criterion().name().equals(task.criterion().name())) {
                entered.add(entrant.name(), asked.removals(), asked.candidates());
            } else if (entrant.method() instanceof SglpMethod sglp) {
                var found = sglp.search(own, progress);
                entered.add(entrant.name(), found.removals(), found.candidates());
            } else if (entrant.method().fits(own)) {
                entered.add(entrant.name(), entrant.method().choose(own, progress));
            } else {
                other.add(entrant.name());
            }
        }
        if (!other.isEmpty()) {
            progress.say("Without a plan for this network and so many layers: %s.".formatted(
                    String.join(", ", other)));
        }
        return entered;
    }

    /// @param open the layers that may go
    /// @throws UsageException where a set of the user's own is none that could win
    public void check(int remove, List<Integer> open) {
        for (var plan : own) {
            if (plan.size() != remove) {
                throw new UsageException("--also %s names %d layers, and %d go: name as many as --remove says"
                        .formatted(words(plan), plan.size(), remove));
            }
            plan.indices().stream().filter(layer -> !open.contains(layer)).findFirst().ifPresent(layer -> {
                throw new UsageException("--also %s: layer %d has to stay (inspect and --protect say which do)"
                        .formatted(words(plan), layer));
            });
        }
    }

    private static String words(LayerSet plan) {
        return plan.indices().stream().map(String::valueOf).collect(Collectors.joining(","));
    }

    private static PlanningTask scoredBy(PlanningTask task, Criterion kl, Criterion own) {
        return task.scoredBy(own.name().equals(kl.name())
                ? kl
                : own.name().equals(task.criterion().name()) ? task.criterion() : task.memory().apply(own));
    }

    /// Known from the searches by then.
    private static List<Scored> singles(PlanningTask task, Criterion kl) {
        return task.scoredBy(kl).search(task.whole(), kl).singles(task.open(), Progress.Silent.INSTANCE).stream()
                .map(Choice::plain).toList();
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
            found.stream().limit(MOST).forEach(plan -> plans.putIfAbsent(plan, method));
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
