package dev.sglp.method.stream;

import dev.sglp.fault.UsageException;
import dev.sglp.importance.Criterion;
import dev.sglp.importance.stream.Hearing;
import dev.sglp.method.Choice;
import dev.sglp.method.Method;
import dev.sglp.method.PlanningTask;
import dev.sglp.model.LayerSet;
import dev.sglp.model.Layout;
import dev.sglp.progress.Progress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/// LoRP (arXiv 2605.27786): layers whose inputs point alike form clusters, found spectrally; each cluster gives its most redundant
/// layer, then the cluster whose remaining layers are most alike gives its next one. The first and the last layer stay.
public record Clusters() implements Method {
    @Override
    public String name() {
        return "clusters";
    }

    @Override
    public String source() {
        return "LoRP, arXiv 2605.27786";
    }

    @Override
    public Criterion criterion(Criterion asked) {
        return Criterion.of("redundancy", _ -> 0);
    }

    @Override
    public Optional<String> hindrance(Layout layout) {
        return layout.stream()
                ? Optional.empty()
                : Optional.of("--method clusters is for transformers, whose stream keeps its shape");
    }

    @Override
    public Set<Hearing> hears(Criterion criterion, Wanted wanted) {
        return hindrance(wanted.layout()).isPresent() ? Set.of() : Set.of(Hearing.ANGLES);
    }

    @Override
    public boolean fits(PlanningTask task) {
        return hindrance(task.model().layout()).isEmpty() && inner(task).size() >= Math.max(1, task.remove());
    }

    /// @throws UsageException where the stream changes its shape, or too few layers may go
    @Override
    public Choice choose(PlanningTask task, Progress progress) {
        if (task.remove() == 0) {
            return Choice.fromStream(task, LayerSet.EMPTY, layer -> 0, 0);
        }
        if (!fits(task)) {
            throw new UsageException(hindrance(task.model().layout()).orElseGet(
                    () -> "--method clusters leaves the first and the last layer: at most %d layers can go"
                            .formatted(inner(task).size())));
        }
        var work = task.meter();
        var cosine = task.calibration().reading(task.model(), Hearing.ANGLES).angles(work).cosine();
        int layers = task.model().layers().size();
        int[] cluster = SpectralClusters.of(cosine, layers, number(cosine, layers), task.calibration().seed());
        var redundancy = redundancy(cosine, cluster);
        return Choice.fromStream(task, removed(task, cosine, cluster, redundancy), layer -> -redundancy[layer],
                work.forwardEquivalents());
    }

    private static List<Integer> inner(PlanningTask task) {
        int last = task.model().layers().size() - 1;
        return task.open().stream().filter(i -> i > 0 && i < last).toList();
    }

    /// By the locality score, −log₂ of the mean cosine of two layers: the more local their likeness, the more clusters.
    static int number(double[][] cosine, int layers) {
        double sum = 0;
        for (int i = 0; i < layers; i++) {
            for (int j = 0; j < layers; j++) {
                sum += i == j ? 0 : cosine[i][j];
            }
        }
        double mean = sum / ((double) layers * (layers - 1));
        double locality = mean <= 0 ? Double.POSITIVE_INFINITY : -Math.log(mean) / Math.log(2);
        return locality >= 1 ? 2 : locality >= 0.7 ? 3 : 4;
    }

    /// A layer's mean cosine to the others of its cluster; 0 where it is alone.
    private static double[] redundancy(double[][] cosine, int[] cluster) {
        return IntStream.range(0, cluster.length)
                .mapToDouble(i -> IntStream.range(0, cluster.length).filter(j -> j != i && cluster[j] == cluster[i])
                        .mapToDouble(j -> cosine[i][j]).average().orElse(0))
                .toArray();
    }

    private static LayerSet removed(PlanningTask task, double[][] cosine, int[] cluster, double[] redundancy) {
        var byRedundancy = inner(task).stream().sorted(Comparator.comparingDouble(i -> -redundancy[i])).toList();
        var left = new ArrayList<List<Integer>>();
        for (int c = 0; c <= IntStream.of(cluster).max().orElse(0); c++) {
            int own = c;
            left.add(new ArrayList<>(byRedundancy.stream().filter(i -> cluster[i] == own).toList()));
        }
        var removed = new ArrayList<Integer>();
        var first = left.stream().filter(l -> !l.isEmpty())
                .sorted(Comparator.comparingDouble(l -> -redundancy[l.getFirst()])).toList();
        first.stream().limit(task.remove()).forEach(l -> removed.add(l.removeFirst()));
        while (removed.size() < task.remove()) {
            removed.add(left.stream().filter(l -> !l.isEmpty())
                    .max(Comparator.comparingDouble(l -> alike(cosine, l))).orElseThrow().removeFirst());
        }
        return new LayerSet(removed);
    }

    /// The mean cosine of two of these layers; of one alone the least there is.
    private static double alike(double[][] cosine, List<Integer> layers) {
        return layers.stream().flatMapToDouble(i -> layers.stream().filter(j -> j > i).mapToDouble(j -> cosine[i][j]))
                .average().orElse(-1);
    }
}
