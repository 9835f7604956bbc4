package dev.sglp.method;

import dev.sglp.importance.BlockInfluence;
import dev.sglp.importance.Criterion;
import dev.sglp.importance.stream.Alone;
import dev.sglp.importance.stream.Hearing;
import dev.sglp.method.Finals.Entrant;
import dev.sglp.method.stream.Contiguous;
import dev.sglp.progress.Progress;
import dev.sglp.pruning.PruningPlan.Candidates;
import dev.sglp.pruning.PruningPlan.ForwardEquivalents;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The two plans that one pass of the dense network gives, block influence's and the contiguous run: the one with the lower loss on the
/// verification data goes. Which of them is better depends on how many layers go; the stream does not tell.
public record OnePass() implements Method {
    /// That are compared.
    public static final int PLANS = 2;
    private static final Method EACH = new OneShot();
    private static final Method RUN = new Contiguous();

    @Override
    public String name() {
        return "one-pass";
    }

    @Override
    public String source() {
        return "the lower loss on held-out data of block influence, arXiv 2403.03853, and the run of least angle, arXiv 2403.17887";
    }

    @Override
    public Criterion criterion(Criterion asked) {
        return new BlockInfluence();
    }

    @Override
    public boolean verifies() {
        return true;
    }

    @Override
    public boolean comparesFew() {
        return true;
    }

    @Override
    public Method unverified() {
        return EACH;
    }

    @Override
    public Set<Hearing> hears(Criterion criterion, Wanted wanted) {
        return Stream.of(EACH, RUN).filter(method -> method == EACH || wanted.verified())
                .flatMap(method -> method.hears(criterion, wanted).stream()).collect(Collectors.toSet());
    }

    @Override
    public Choice choose(PlanningTask asked, Progress progress) {
        if (!Finals.held(asked) || !RUN.fits(asked)) {
            if (asked.remove() > 0) {
                progress.say("Block influence alone chooses: %s.".formatted(RUN.fits(asked)
                        ? "nothing is verified"
                        : "no run of %d layers may go as a whole".formatted(asked.remove())));
            }
            return EACH.choose(asked, progress);
        }
        var task = read(asked);
        var each = EACH.choose(task, progress);
        var run = RUN.choose(task, progress);
        var seen = both(each.candidates(), run.candidates());
        if (run.removed().equals(each.removed())) {
            progress.say("Block influence and the contiguous run name the same layers.");
            return new Choice(each.removed(), each.quota(), List.of(), seen, List.of(), each.singles());
        }
        var held = Finals.few(task, List.of(new Entrant(each.removed(), Double.NaN, "block influence"),
                new Entrant(run.removed(), Double.NaN, RUN.name())), progress);
        progress.say("The lower loss on other data has the plan of %s.".formatted(held.plans().getFirst().by()));
        return new Choice(held.winner(), Choice.taken(held.winner(), task.segmentation()), List.of(),
                seen.verified(held.cost()), held.plans(), each.singles());
    }

    /// The same, whose stream both plans read in one pass.
    private PlanningTask read(PlanningTask task) {
        return task.calibration().reading().isPresent()
                ? task
                : task.on(task.segmentation(),
                        task.calibration().read(task.model(), hears(task.criterion(), task.wanted()),
                                Alone.NOBODY, task.remove()));
    }

    private static Candidates both(Candidates each, Candidates run) {
        return new Candidates(each.scored(), each.possible(), each.search(), new ForwardEquivalents(0,
                Stream.of(each, run).mapToDouble(seen -> seen.forwardEquivalents().scores()).sum(), 0),
                each.notFinite());
    }
}
