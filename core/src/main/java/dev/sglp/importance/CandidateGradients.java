package dev.sglp.importance;

import dev.sglp.model.Ending;
import dev.sglp.model.Pass;
import dev.sglp.model.Tape;
import dev.sglp.tensor.Gradient;
import dev.sglp.tensor.GradientNorms;
import dev.sglp.tensor.NativeHeap;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Tensors;
import dev.sglp.tensor.Workspace;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import org.bytedeco.pytorch.Tensor;

/// Gradient norms of paths over one calibration set. With a single batch the tape stays between candidates, so that they
/// share their beginnings and each gradient is reduced to its norm as soon as it exists; with several batches gradients are
/// summed first, batch by batch.
public final class CandidateGradients implements AutoCloseable {
    private static final long MOST_BYTES = 2L << 30; // of gradients that are summed

    private final ScoringTask task;
    private final Pass pass;
    private final Scope scope;
    private final Tensor targets;
    private final Tape tape;
    private final Workspace workspace = new Workspace();

    private CandidateGradients(ScoringTask task, Pass pass, Scope scope) {
        this.task = task;
        this.pass = pass;
        this.scope = scope;
        var first = task.data().batch(0);
        targets = first.targets();
        tape = new Tape(first.inputs(), pass, task.work());
    }

    /// Opens a scope, which closes with it.
    public static CandidateGradients of(ScoringTask task, Pass pass) {
        var scope = Scope.open();
        try {
            return new CandidateGradients(task, pass, scope);
        } catch (RuntimeException | Error e) {
            scope.close(); // the batch could not be read
            throw e;
        }
    }

    /// @param keep how many parts at the beginning the next path shares
    public double norm(List<Tape.Node> path, int keep, GradNorm.Norm norm) {
        try (var _ = Scope.open()) {
            var reduced = task.data().batches() == 1 ? reduced(path, keep) : summed(path);
            return norm == GradNorm.Norm.SUM
                    ? reduced.stream().mapToDouble(Double::doubleValue).sum()
                    : Math.sqrt(reduced.stream().mapToDouble(x -> x * x).sum());
        } finally {
            NativeHeap.trimNowAndThen();
        }
    }

    /// One norm a tensor. No gradient outlives its part, except that of a tied tensor, which waits for the rest of its sum.
    private List<Double> reduced(List<Tape.Node> path, int keep) {
        var norms = new ArrayList<Double>();
        var uses = uses(path);
        Map<Long, Gradient> waiting = new HashMap<>();
        backward(tape, path, targets, new Walk(keep, 1, workspace), (_, parameters, gradients) -> {
            var complete = new ArrayList<Gradient>();
            var freed = new ArrayList<Gradient>();
            int i = 0;
            for (var parameter : parameters.values()) {
                long id = Tensors.identity(parameter);
                var gradient = gradients.get(i++);
                var rest = waiting.remove(id);
                var sum = rest == null ? gradient : new Gradient.Sum(rest, gradient);
                if (uses.merge(id, -1, Integer::sum) > 0) {
                    gradient.own();
                    waiting.put(id, sum);
                } else {
                    complete.add(sum);
                    Optional.ofNullable(rest).ifPresent(freed::add);
                }
            }
            Arrays.stream(GradientNorms.of(complete)).forEach(norms::add);
            freed.forEach(Gradient::free);
        });
        return norms;
    }

    /// In how many counted parts of the path each tensor stands.
    private static Map<Long, Integer> uses(List<Tape.Node> path) {
        Map<Long, Integer> uses = new HashMap<>();
        path.stream().filter(Tape.Node::weights).flatMap(node -> node.part().parameters().values().stream())
                .forEach(p -> uses.merge(Tensors.identity(p), 1, Integer::sum));
        return uses;
    }

    /// How many lanes may sum gradients over several batches: each holds as much as the network's weights.
    static int lanes(ScoringTask task) {
        return task.data().batches() == 1
                ? Integer.MAX_VALUE
                : Math.clamp(MOST_BYTES / Math.max(1, task.model().bytes()), 1, Integer.MAX_VALUE);
    }

    private List<Double> summed(List<Tape.Node> path) {
        Map<Long, Tensor> sums = new LinkedHashMap<>(); // norms are added in one order
        for (int batch = 0; batch < task.data().batches(); batch++) {
            try (var _ = Scope.open(); var fresh = new Workspace()) { // the sums keep its tensors
                var items = task.data().batch(batch);
                try (var own = new Tape(items.inputs(), pass, task.work())) {
                    backward(own, path, items.targets(), new Walk(0, task.data().share(batch), fresh),
                            (part, parameters, gradients) -> add(sums, parameters, gradients));
                }
            }
        }
        var norms = sums.values().stream().map(GradientNorms::of).toList();
        sums.values().forEach(Scope::free);
        return norms;
    }

    private static void add(Map<Long, Tensor> sums, SequencedMap<String, Tensor> parameters, List<Gradient> gradients) {
        int i = 0;
        for (var parameter : parameters.values()) {
            add(sums, Tensors.identity(parameter), gradients.get(i++));
        }
    }

    private static void add(Map<Long, Tensor> sums, long parameter, Gradient gradient) {
        sums.merge(parameter, Scope.own(gradient.whole()), (sum, more) -> {
            sum.add_(more);
            Scope.free(more);
            return sum;
        });
    }

    /// @param keep  parts at the beginning that stay usable
    /// @param share the batch's share of all examples, which weighs its mean loss
    /// @param workspace for what the ending computes
    private record Walk(int keep, double share, Workspace workspace) {}

    private void backward(Tape tape, List<Tape.Node> path, Tensor targets, Walk walk, Tape.Gradients gradients) {
        var head = path.getLast();
        var h = tape.follow(path.subList(0, path.size() - 1));
        var vector = new Ending(head.part(), task.model().objective()).backward(h, targets,
                new Ending.Wish(pass, walk.share, head.weights(), walk.workspace), gradients);
        task.work().forward(head.part(), h.size(0));
        task.work().backward(head.part(), head.weights(), true, h.size(0));
        tape.backward(vector, walk.keep, gradients);
    }

    @Override
    public void close() {
        tape.close();
        workspace.close();
        scope.close();
    }
}
