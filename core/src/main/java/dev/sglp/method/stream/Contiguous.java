package dev.sglp.method.stream;

import dev.sglp.fault.UsageException;
import dev.sglp.importance.Criterion;
import dev.sglp.importance.stream.Hearing;
import dev.sglp.method.Choice;
import dev.sglp.method.Method;
import dev.sglp.method.PlanningTask;
import dev.sglp.model.LayerSet;
import dev.sglp.progress.Progress;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/// The run of consecutive layers through which the stream turns least (Gromov 2024, arXiv 2403.17887): the mean angle between the
/// input of its first layer and that of the layer behind it, over all tokens (there: the last one of each sequence).
public record Contiguous() implements Method {
    @Override
    public String name() {
        return "contiguous";
    }

    @Override
    public String source() {
        return "angular distance, arXiv 2403.17887";
    }

    @Override
    public Criterion criterion(Criterion asked) {
        return Criterion.of("angle", _ -> 0);
    }

    @Override
    public Set<Hearing> hears(Criterion criterion, Wanted wanted) {
        return runs(wanted.open(), wanted.remove()).isEmpty() ? Set.of() : Set.of(Hearing.RUNS);
    }

    @Override
    public boolean fits(PlanningTask task) {
        return !runs(task.open(), task.remove()).isEmpty();
    }

    /// @throws UsageException where no run of layers is long enough
    @Override
    public Choice choose(PlanningTask task, Progress progress) {
        if (task.remove() == 0) {
            return Choice.fromStream(task, LayerSet.EMPTY, layer -> 0, 0);
        }
        var runs = runs(task.open(), task.remove());
        if (runs.isEmpty()) {
            throw new UsageException("--method contiguous: no run of %d layers of one shape may go as a whole"
                    .formatted(task.remove()));
        }
        var work = task.meter();
        var angle = task.calibration().reading(task.model(), Hearing.RUNS, task.remove()).angles(work).angle();
        int first = runs.stream().min(Comparator.comparingDouble(i -> angle[i][i + task.remove()])).orElseThrow();
        var removed = new LayerSet(IntStream.range(first, first + task.remove()).boxed().toList());
        return Choice.fromStream(task, removed, layer -> angle[layer][layer + 1], work.forwardEquivalents());
    }

    /// The first layers of all runs that may go.
    private static List<Integer> runs(List<Integer> open, int remove) {
        return remove == 0
                ? List.of()
                : open.stream().filter(first -> open.containsAll(
                        IntStream.range(first, first + remove).boxed().toList())).toList();
    }
}
