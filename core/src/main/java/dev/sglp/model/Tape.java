package dev.sglp.model;

import dev.sglp.model.Recording.Products;
import dev.sglp.model.work.Meter;
import dev.sglp.tensor.Autograd;
import dev.sglp.tensor.Gradient;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Threads;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/// A forward pass recorded part by part, so that backward goes one part at a time: a part's weight gradients can be reduced
/// and freed before the next part's exist, and paths with the same beginning share it.
///
/// A path is a list of {@link Node}s. {@link #follow} keeps what the tape already holds of a path's beginning and records
/// only the rest. The boundary activations live as long as the tape; close it.
public final class Tape implements AutoCloseable {
    private final Tensor input;
    private final Pass pass;
    private final Meter meter;
    private final boolean amid;
    private final List<Entry> entries = new ArrayList<>();

    /// @param input the batch; it stays the caller's
    /// @param meter told which parts ran
    public Tape(Tensor input, Pass pass, Meter meter) {
        this(input, pass, meter, false);
    }

    /// Of some parts amid a path.
    ///
    /// @param amid whether the input's gradient is wanted, too
    public Tape(Tensor input, Pass pass, Meter meter, boolean amid) {
        this.input = input;
        this.pass = pass;
        this.meter = meter;
        this.amid = amid;
    }

    /// One part on a path.
    ///
    /// @param weights whether gradients of its parameters are wanted
    public record Node(Part part, boolean weights) {}

    /// The network up to its head, without gradients.
    public static List<Node> body(LayeredModel model) {
        var parts = model.parts();
        return parts.subList(0, parts.size() - 1).stream().map(part -> new Node(part, false)).toList();
    }

    /// The output of a part of the path that is held, the tape's own.
    public Tensor output(int part) {
        return entries.get(part).out;
    }

    /// Receives the gradients of one part's parameters; they are freed when it returns.
    @FunctionalInterface
    public interface Gradients {
        void of(Part part, SequencedMap<String, Tensor> parameters, List<Gradient> gradients);
    }

    /// @param in       the part's input as a leaf of its own recording
    /// @param recorded whether anything at or before this part wants gradients
    /// @param upstream whether anything before this part does, so that its input needs a gradient
    /// @param own      the part's own derivative; absent where autograd does it
    private record Entry(Node node, Tensor in, Tensor out, boolean recorded, boolean upstream,
            @Nullable Recording own) {
        void free() {
            Scope.free(in);
            if (own == null) {
                Scope.free(out);
            } else {
                own.free();
            }
        }
    }

    /// Makes the tape hold exactly this path; what it already holds of the beginning is not run again.
    ///
    /// @return the last part's output, the tape's own
    public Tensor follow(List<Node> path) {
        hold(path);
        return entries.getLast().out;
    }

    private void hold(List<Node> path) {
        Threads.goOn();
        int held = shared(entries.stream().map(Entry::node).toList(), path);
        truncate(held);
        for (var node : path.subList(held, path.size())) {
            record(node);
        }
    }

    /// The last part's output, in the scope that is open, of a path that no gradient goes back through: only its first `keep`
    /// parts stay on the tape, the others' outputs are freed as soon as the next part has run.
    public Tensor output(List<Node> path, int keep) {
        int held = shared(entries.stream().map(Entry::node).toList(), path);
        hold(path.subList(0, Math.max(held, keep)));
        var rest = path.subList(entries.size(), path.size());
        var start = entries.isEmpty() ? input : entries.getLast().out;
        var output = Autograd.recording(false, () -> Scope.yield(() -> through(rest, start)));
        truncate(keep);
        return output;
    }

    /// Each output is freed when the next part has run.
    private Tensor through(List<Node> rest, Tensor held) {
        var h = Scope.own(held.detach());
        for (var node : rest) {
            meter.forward(node.part, input.size(0));
            var before = h;
            h = Scope.yieldOwned(() -> node.part.forward(before, pass));
            Scope.free(before);
        }
        return Scope.lend(h);
    }

    /// One of several paths that are followed in turn.
    ///
    /// @param which its number
    /// @param keep  length of the beginning that the next one shares
    public record Turn(int which, List<Node> path, int keep) {}

    /// These paths in this order.
    public static List<Turn> turns(List<Integer> order, IntFunction<List<Node>> paths) {
        var found = order.stream().map(paths::apply).toList();
        return IntStream.range(0, found.size()).mapToObj(i -> new Turn(order.get(i), found.get(i),
                i + 1 < found.size() ? shared(found.get(i), found.get(i + 1)) : 0)).toList();
    }

    private static int shared(List<Node> a, List<Node> b) {
        int i = 0;
        while (i < a.size() && i < b.size() && a.get(i).part == b.get(i).part && a.get(i).weights == b.get(i).weights) {
            i++;
        }
        return i;
    }

    private void record(Node node) {
        Threads.goOn();
        meter.forward(node.part, input.size(0));
        boolean upstream = entries.isEmpty() ? amid : entries.getLast().recorded;
        boolean recorded = upstream || node.weights && !node.part.parameters().isEmpty();
        var before = entries.isEmpty() ? input : entries.getLast().out;
        var in = Scope.yieldOwned(() -> before.detach().set_requires_grad(upstream));
        var own = recorded ? own(node.part, in) : Optional.<Recording>empty();
        if (own.isPresent()) {
            entries.add(new Entry(node, in, own.get().output(), true, upstream, own.get()));
            return;
        }
        node.part.parameters().values().forEach(p -> Autograd.want(p, node.weights));
        var out = Autograd.recording(recorded, () -> Scope.yieldOwned(() -> node.part.forward(in, pass)));
        entries.add(new Entry(node, in, out, recorded, upstream, null));
    }

    private Optional<Recording> own(Part part, Tensor in) {
        return Autograd.recording(false, () -> {
            try (var _ = Scope.open()) {
                return part.recorded(in, pass);
            }
        });
    }

    /// Walks back from the last part.
    ///
    /// @param vector  gradient of the loss with respect to the last part's output; it may be overwritten
    /// @param keep    how many parts from the beginning must stay usable for another path
    /// @param gradients told each part's parameter gradients, last part first
    public void backward(Tensor vector, int keep, Gradients gradients) {
        backward(vector, keep, Map.of(), gradients);
    }

    /// The same of a loss that depends on outputs on the way too.
    ///
    /// @param besides its gradients with respect to these, by the part's number on the path
    public void backward(Tensor vector, int keep, Map<Integer, Tensor> besides, Gradients gradients) {
        through(vector, keep, besides, gradients).ifPresent(Scope::free);
    }

    /// The same of some parts amid a path.
    ///
    /// @return the input's gradient, the caller's own; absent where it is not wanted
    public Optional<Tensor> through(Tensor vector, int keep, Gradients gradients) {
        return through(vector, keep, Map.of(), gradients);
    }

    private Optional<Tensor> through(Tensor vector, int keep, Map<Integer, Tensor> besides, Gradients gradients) {
        Tensor g = Scope.own(vector);
        for (int i = entries.size() - 1; i >= 0 && entries.get(i).recorded; i--) {
            if (besides.containsKey(i)) {
                g.add_(besides.get(i));
            }
            var next = product(entries.get(i), g, i < keep, gradients);
            Scope.free(g);
            if (next == null) {
                return Optional.empty();
            }
            g = next;
        }
        return Optional.of(g);
    }

    private @Nullable Tensor product(Entry entry, Tensor vector, boolean retain, Gradients gradients) {
        var node = entry.node;
        meter.backward(node.part, node.weights, entry.upstream, input.size(0));
        try (var _ = Scope.open()) {
            var products = entry.own == null
                    ? byAutograd(entry, vector, retain)
                    : Autograd.recording(false, () -> entry.own.backward(vector, node.weights, entry.upstream));
            if (node.weights) {
                gradients.of(node.part, node.part.parameters(), products.weights());
            }
            return products.input() == null ? null : Scope.own(products.input());
        }
    }

    private static Products byAutograd(Entry entry, Tensor vector, boolean retain) {
        var inputs = new ArrayList<Tensor>();
        if (entry.node.weights) {
            inputs.addAll(entry.node.part.parameters().values());
        }
        int weights = inputs.size();
        if (entry.upstream) {
            inputs.add(entry.in);
        }
        var products = List.of(Autograd.product(entry.out, vector, inputs, retain));
        return new Products(products.subList(0, weights).stream().<Gradient>map(Gradient.Whole::new).toList(),
                entry.upstream ? products.getLast() : null);
    }

    private void truncate(int size) {
        while (entries.size() > size) {
            entries.removeLast().free();
        }
    }

    @Override
    public void close() {
        truncate(0);
    }
}
