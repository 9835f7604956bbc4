package dev.sglp.method.stream;

import dev.sglp.fault.UsageException;
import dev.sglp.importance.BlockInfluence;
import dev.sglp.importance.Criterion;
import dev.sglp.importance.ScoringTask;
import dev.sglp.method.Choice;
import dev.sglp.method.Method;
import dev.sglp.method.PlanningTask;
import dev.sglp.model.LayerSet;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.Layout;
import dev.sglp.model.work.Meter;
import dev.sglp.progress.Progress;
import dev.sglp.repair.RepairTask;
import dev.sglp.repair.Scale;
import dev.sglp.segmentation.Segmentation.Segment;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/// Prune&Comp (AAAI 2026): the layer with the lowest block influence goes, what is left is scaled, and so on. With `--repair scale` the result
/// is the paper's.
public record PruneComp() implements Method {
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

    @Override
    public Optional<String> hindrance(Layout layout) {
        return new Scale().hindrance(layout).map(
                _ -> "--method prune-comp is for networks whose stream is read through a final norm, for instance language models");
    }

    @Override
    public boolean fits(PlanningTask task) {
        return hindrance(task.model().layout()).isEmpty();
    }

    /// @throws UsageException where the stream of a network cannot be scaled
    @Override
    public Choice choose(PlanningTask task, Progress progress) {
        hindrance(task.model().layout()).filter(_ -> task.remove() > 0).ifPresent(why -> {
            throw new UsageException(why);
        });
        var work = task.meter();
        var removed = LayerSet.EMPTY;
        var alone = scores(task, task.model(), work);
        try (var step = progress.step("removing and scaling layers one by one (Prune&Comp)", task.remove(), "layers")) {
            for (int r = 0; r < task.remove(); r++) {
                var scores = r == 0 ? alone : scaled(task, removed, work); // nothing is scaled before anything goes
                removed = removed.union(LayerSet.of(least(task, removed, scores)));
                step.advance(1);
            }
        }
        return Choice.fromStream(task, removed, layer -> alone.get(layer), work.forwardEquivalents());
    }

    /// The influence of every layer that is left, of the network scaled for what went.
    private static List<Double> scaled(PlanningTask task, LayerSet removed, Meter work) {
        var data = task.calibration();
        try (var scaled = new Scale().repair(
                new RepairTask(task.model(), removed, data.examples(), data.batchSize()), Progress.silent())) {
            return scores(task, scaled.network(), work);
        }
    }

    /// @param scores of the layers that are left, in order
    private static int least(PlanningTask task, LayerSet removed, List<Double> scores) {
        var left = removed.others(task.model().layers().size());
        return IntStream.range(0, left.size()).filter(i -> task.open().contains(left.get(i))).boxed()
                .min(Comparator.comparingDouble(scores::get)).map(left::get).orElseThrow();
    }

    /// The influence of every layer of this network.
    private static List<Double> scores(PlanningTask task, LayeredModel network, Meter work) {
        int layers = network.layers().size();
        var sets = IntStream.range(0, layers).mapToObj(LayerSet::of).toList();
        var question = new ScoringTask(network, new Segment(0, layers), sets, task.calibration(),
                Progress.Silent.INSTANCE);
        return new BlockInfluence().prepared(network, task.calibration(), work).scores(question).stream()
                .map(Criterion.Score::value).toList();
    }
}
