package dev.sglp.method.decision;

import dev.sglp.data.Dataset;
import dev.sglp.data.Stretch;
import dev.sglp.model.LayerSet;
import dev.sglp.progress.Progress;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/// Plans on the verification data. Of text all run on a quarter of it first, the same for all, and only those that are ahead there run on the
/// rest: what tells plans apart is much the same everywhere, and a pass over text is dear.
public final class Heats {
    private static final int PARTS = 4; // of which the first is run by all
    private static final int AHEAD = 3; // plans that go on

    private final Dataset items;
    private final List<Dataset> parts;
    private final Runs runs;
    private final Map<LayerSet, Double> early = new HashMap<>();
    private double cost;

    /// Whoever runs plans.
    @FunctionalInterface
    public interface Runs {
        Losses of(List<LayerSet> plans, Dataset items, Progress.Step step);
    }

    /// @param losses mean loss of each plan
    /// @param cost   of finding out, in passes of the dense network over the calibration data
    public record Losses(double[] losses, double cost) {}

    /// @param items the verification data
    /// @param dear  whether it is worth going through it in parts
    public Heats(Dataset items, boolean dear, Runs runs) {
        int first = items.size() / PARTS;
        this.items = items;
        this.runs = runs;
        parts = dear && first > 1
                ? List.of(new Stretch(items, 0, first), new Stretch(items, first, items.size()))
                : List.of(items);
    }

    /// Of all that was run since it was last asked, in passes of the dense network over the calibration data.
    public double cost() {
        double all = cost;
        cost = 0;
        return all;
    }

    /// How many of so many plans go on after the first part.
    public int ahead(int plans) {
        return parts.size() == 1 ? plans : Math.min(plans, AHEAD);
    }

    /// How many plans are run one time or another.
    public int steps(int plans) {
        return parts.size() == 1 ? plans : plans + ahead(plans);
    }

    /// The mean loss of each plan; NaN of those that are behind after the first part.
    public double[] best(List<LayerSet> plans, Progress.Step step) {
        double[] found = first(plans, step);
        var order = IntStream.range(0, found.length).boxed()
                .sorted((a, b) -> Double.compare(found[a], found[b])).toList();
        return rest(plans, found, order.subList(0, ahead(plans.size())), step);
    }

    /// Of how many items the first part is.
    public int firstItems() {
        return parts.getFirst().size();
    }

    /// The mean loss of each plan; NaN of those that are behind this one after the first part.
    public double[] better(List<LayerSet> plans, LayerSet than, Progress.Step step) {
        double[] found = first(plans, step);
        if (parts.size() == 1) {
            return found;
        }
        double limit = early.containsKey(than) ? early.get(than) : first(List.of(than), Progress.Silent.INSTANCE)[0];
        return rest(plans, found, IntStream.range(0, found.length).filter(i -> found[i] < limit).boxed().toList(),
                Progress.Silent.INSTANCE);
    }

    /// The mean loss of each plan on the first part.
    public double[] first(List<LayerSet> plans, Progress.Step step) {
        double[] found = run(plans, parts.getFirst(), step);
        for (int i = 0; i < found.length; i++) {
            early.put(plans.get(i), found[i]);
        }
        return found;
    }

    private double[] rest(List<LayerSet> plans, double[] found, List<Integer> ahead, Progress.Step step) {
        if (parts.size() == 1) {
            return found;
        }
        var all = new double[found.length];
        Arrays.fill(all, Double.NaN);
        var late = run(ahead.stream().map(plans::get).toList(), parts.getLast(), step);
        double share = parts.getFirst().answers(0, parts.getFirst().size()) / (double) items.answers(0, items.size());
        for (int i = 0; i < late.length; i++) {
            int plan = ahead.get(i);
            all[plan] = share * found[plan] + (1 - share) * late[i];
        }
        return all;
    }

    private double[] run(List<LayerSet> plans, Dataset part, Progress.Step step) {
        if (plans.isEmpty()) {
            return new double[0];
        }
        var found = runs.of(plans, part, step);
        cost += found.cost;
        return found.losses;
    }
}
