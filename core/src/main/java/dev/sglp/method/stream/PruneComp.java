package dev.sglp.method.stream;

import dev.sglp.fault.UsageException;
import dev.sglp.importance.BlockInfluence;
import dev.sglp.importance.Criterion;
import dev.sglp.importance.ScoringTask;
import dev.sglp.importance.stream.Hearing;
import dev.sglp.method.Choice;
import dev.sglp.method.Method;
import dev.sglp.method.PlanningTask;
import dev.sglp.model.LayerSet;
import dev.sglp.model.Layout;
import dev.sglp.progress.Progress;
import dev.sglp.repair.Scale;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/// Prune&Comp (AAAI 2026): the layer with the lowest block influence goes, what is left is scaled, and so on. With `--repair scale` the result
/// is the paper's.
public record PruneComp() implements Method {
    private static final String NEEDS = "--method prune-comp is for networks whose stream is read through a final norm";

    @Override
    public String name() {
        return "prune-comp";
    }

    @Override
    public String source() {
        return "Prune&Comp, AAAI 2026";
    }

    @Override
    public Criterion criterion(Criterion asked) {
        return new BlockInfluence();
    }

    /// It runs streams of its own.
    @Override
    public Set<Hearing> hears(Criterion criterion, Wanted wanted) {
        return Set.of();
    }

    @Override
    public Optional<String> hindrance(Layout layout) {
        return layout.stream() ? Optional.empty() : Optional.of(NEEDS + ", for instance language models");
    }

    @Override
    public boolean fits(PlanningTask task) {
        return why(task).isEmpty();
    }

    private Optional<String> why(PlanningTask task) {
        return hindrance(task.model().layout()).or(() -> Scale.allows(task.model())
                ? Optional.empty()
                : Optional.of(NEEDS + ", and that of a %s is not".formatted(task.model().family())));
    }

    /// @throws UsageException where the stream of a network cannot be scaled
    @Override
    public Choice choose(PlanningTask task, Progress progress) {
        why(task).filter(_ -> task.remove() > 0).ifPresent(found -> {
            throw new UsageException(found);
        });
        double work = 0;
        var removed = LayerSet.EMPTY;
        var alone = new HashMap<Integer, Double>();
        try (var stream = new ScaledStream(task.model(), task.calibration(),
                task.open().stream().findFirst().orElse(0), progress::say);
                var step = progress.step("removing and scaling layers one by one (Prune&Comp)", task.remove(),
                        "layers")) {
            for (int r = 0; r < Math.max(1, task.remove()); r++) { // nothing is scaled before anything goes
                var gone = removed;
                var left = task.open().stream().filter(i -> !gone.contains(i)).toList();
                var sets = left.stream().map(i -> gone.union(LayerSet.of(i))).toList();
                var question = task.question(sets, Progress.Silent.INSTANCE);
                var scores = task.memory().apply(new Round(gone, stream)).scores(question);
                work += question.work().forwardEquivalents();
                if (r == 0) {
                    IntStream.range(0, left.size()).forEach(i -> alone.put(left.get(i), scores.get(i).value()));
                }
                removed = IntStream.range(0, sets.size()).boxed()
                        .min(Comparator.comparingDouble(i -> scores.get(i).value())).map(sets::get).orElse(gone);
                step.advance(1);
            }
        }
        return Choice.fromStream(task, task.remove() == 0 ? LayerSet.EMPTY : removed, alone::get, work);
    }

    /// How much the stream turns in each layer that is left; a candidate has one layer more than what went before.
    private record Round(LayerSet removed, ScaledStream stream) implements Criterion {
        @Override
        public String name() {
            return "scaled-influence";
        }

        @Override
        public String source() {
            return "Prune&Comp, AAAI 2026";
        }

        @Override
        public List<Score> scores(ScoringTask task) {
            var influence = stream.influences(removed, task.work());
            task.progress().advance(task.candidates().size());
            return task.candidates().stream()
                    .map(set -> set.only(layer -> !removed.contains(layer)).indices().getFirst())
                    .map(layer -> Score.of(influence[layer])).toList();
        }

        /// What tells its scores from others.
        @Override
        public String toString() {
            return "%s of what is left without %s".formatted(name(), removed);
        }
    }
}
