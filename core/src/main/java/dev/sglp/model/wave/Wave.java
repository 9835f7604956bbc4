package dev.sglp.model.wave;

import dev.sglp.model.Layer;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.Part;
import dev.sglp.model.Pass;
import dev.sglp.model.work.Meter;
import dev.sglp.tensor.Autograd;
import dev.sglp.tensor.NativeHeap;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Threads;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/// Takes several networks that are parts of one over several batches, the layer outermost: each layer of the dense network is in memory once,
/// and everything that passes it does so then. Networks share an activation until the first layer in which they differ; those that memory has no
/// room for wait on disk. It owns the last activations; close it.
public final class Wave implements AutoCloseable {
    private static final Watch NOBODY = (_, _, _) -> {};
    private final List<LayeredModel> networks;
    private final int batches;
    private final Ride ride;
    private final LayerSource source;
    private final State[] states; // of each network
    private final int[] next; // layer of each network that comes next

    /// The activations of some networks, batch by batch.
    private static final class State {
        private final Waiting.@Nullable Item[] batches;
        private int networks; // that are here

        State(int batches, int networks) {
            this.batches = new Waiting.Item[batches];
            this.networks = networks;
        }

        Waiting.Item of(int batch) {
            return Objects.requireNonNull(batches[batch]);
        }

        void free() {
            Arrays.stream(batches).filter(Objects::nonNull).forEach(Waiting.Item::free);
            Arrays.fill(batches, null);
        }
    }

    /// A layer that some networks enter from one state.
    private record Step(State from, Layer layer) {
        @Override
        public boolean equals(Object o) {
            return o instanceof Step other && from == other.from && layer == other.layer;
        }

        @Override
        public int hashCode() {
            return 31 * System.identityHashCode(from) + System.identityHashCode(layer);
        }
    }

    /// What goes along.
    ///
    /// @param meter   told which parts run
    /// @param waiting has the activations
    public record Ride(Pass pass, Meter meter, Waiting waiting) {}

    private Wave(List<LayeredModel> networks, int batches, Ride ride) {
        this.networks = networks;
        this.batches = batches;
        this.ride = ride;
        source = LayerSource.of(networks.getFirst()).orElseThrow();
        states = new State[networks.size()];
        next = new int[networks.size()];
    }

    /// @param networks with streamed layers of one source
    /// @param batches  how many
    /// @param inputs   a batch, in the scope that is open
    public static Wave over(List<LayeredModel> networks, int batches, IntFunction<Tensor> inputs, Ride ride) {
        return through(before(networks, batches, inputs, ride), _ -> {});
    }

    /// The same, telling which layer everything has passed.
    public static Wave over(List<LayeredModel> networks, int batches, IntFunction<Tensor> inputs, Ride ride,
            Passed passed) {
        var wave = before(networks, batches, inputs, ride);
        return through(wave, layer -> passed.layer(layer, wave));
    }

    /// Told when a wave is behind a layer.
    @FunctionalInterface
    public interface Passed {
        void layer(int layer, Wave wave);
    }

    /// From behind some layers that all networks share.
    ///
    /// @param shared  how many
    /// @param outputs what the last of them gave for a batch, in the scope that is open
    public static Wave behind(int shared, List<LayeredModel> networks, int batches, IntFunction<Tensor> outputs,
            Ride ride) {
        var wave = new Wave(networks, batches, ride);
        var state = new State(batches, networks.size());
        Arrays.fill(wave.states, state);
        Arrays.fill(wave.next, shared);
        try {
            wave.each(batches, outputs, (b, out) -> state.batches[b] = out);
        } catch (RuntimeException | Error e) {
            wave.close();
            throw e;
        }
        return through(wave, _ -> {});
    }

    /// Takes a wave through the layers that it is not behind.
    private static Wave through(Wave wave, IntConsumer passed) {
        try {
            Autograd.recording(false, () -> {
                IntStream.range(0, wave.networks.size()).flatMap(n -> wave.networks.get(n).layers().stream()
                        .skip(wave.next[n]).mapToInt(Wave::index)).distinct().sorted().boxed().toList()
                        .forEach(layer -> {
                            wave.through(layer);
                            passed.accept(layer);
                        });
                NativeHeap.trim(); // what layers took inside is there for what comes behind them
                return wave;
            });
            return wave;
        } catch (RuntimeException | Error e) {
            wave.close();
            throw e;
        }
    }

    /// The same before the first layer: somebody takes it {@link #through} each of them.
    public static Wave before(List<LayeredModel> networks, int batches, IntFunction<Tensor> inputs, Ride ride) {
        var wave = new Wave(networks, batches, ride);
        try {
            return Autograd.recording(false, () -> {
                wave.enter(inputs);
                return wave;
            });
        } catch (RuntimeException | Error e) {
            wave.close();
            throw e;
        }
    }

    /// Counts what one of all networks that it is told of would compute.
    public static final class Count {
        private final int examples;
        private final Meter meter;
        private final Map<Part, State> entered = new IdentityHashMap<>();
        private final Map<Step, State> steps = new HashMap<>();

        /// @param examples of all batches together
        public Count(int examples, Meter meter) {
            this.examples = examples;
            this.meter = meter;
        }

        /// Some that go along with those before.
        public void add(List<LayeredModel> networks) {
            for (var network : networks) {
                var state = entered.computeIfAbsent(network.stem(), stem -> {
                    meter.forward(stem, examples);
                    return new State(0, 0);
                });
                for (var layer : network.layers()) {
                    state = steps.computeIfAbsent(new Step(state, layer), _ -> {
                        meter.forward(layer, examples);
                        return new State(0, 0);
                    });
                }
            }
        }
    }

    /// What goes through.
    ///
    /// @param batches how many
    /// @param inputs  a batch, in the scope that is open
    /// @param told    what of it waits on disk
    public record Entering(int batches, IntFunction<Tensor> inputs, Consumer<String> told) {}

    /// What is done with a batch that has gone through all networks: without recording, in a scope of its own, by any thread.
    @FunctionalInterface
    public interface Work {
        /// @param outputs of each network's last layer
        void of(int batch, List<Tensor> outputs);
    }

    /// Takes all batches through the networks, as many at a time as their source has room for.
    ///
    public static void each(List<LayeredModel> networks, Entering entering, Work work) {
        var first = networks.getFirst();
        var source = LayerSource.of(first).orElseThrow();
        long bytes = bytes(first, entering.batches, entering.inputs);
        var groups = Groups.of(source, networks.size(), entering.batches, bytes);
        source.reserveWave(groups.beyond(source, bytes), bytes, entering.told);
        for (int from = 0; from < entering.batches; from += groups.ofBatches()) {
            int start = from;
            int count = Math.min(groups.ofBatches(), entering.batches - from);
            try (var waiting = new Waiting(source, source.room());
                    var wave = over(networks, count, i -> entering.inputs.apply(start + i),
                            new Ride(Pass.evaluation(), new Meter(first, 1), waiting))) {
                Threads.each(count, i -> Autograd.recording(false, () -> {
                    Scope.run(() -> work.of(start + i,
                            IntStream.range(0, networks.size()).mapToObj(n -> wave.output(n, i)).toList()));
                    return i;
                }));
            }
        }
    }

    /// Bytes of one network's activations over the largest of these batches.
    public static long bytes(LayeredModel network, int batches, IntFunction<Tensor> inputs) {
        long most = 0;
        for (int b = 0; b < batches; b++) {
            try (var _ = Scope.open()) {
                most = Math.max(most, inputs.apply(b).numel());
            }
        }
        long numbers = most;
        return Autograd.recording(false, () -> {
            try (var _ = Scope.open()) {
                var first = inputs.apply(0);
                return numbers * network.stem().forward(first, Pass.evaluation()).nbytes() / first.numel();
            }
        });
    }

    private static int index(Layer layer) {
        if (layer.watched() instanceof StreamedLayer streamed) {
            return streamed.index();
        }
        throw new IllegalArgumentException(layer.name() + " is not read from a file");
    }

    private void enter(IntFunction<Tensor> inputs) {
        var entered = new IdentityHashMap<Part, State>();
        for (int n = 0; n < networks.size(); n++) {
            states[n] = entered.computeIfAbsent(networks.get(n).stem(), _ -> new State(batches, 0));
            states[n].networks++;
        }
        entered.forEach((stem, first) -> each(batches, b -> {
            var batch = inputs.apply(b);
            ride.meter.forward(stem, batch.size(0));
            return stem.forward(batch, ride.pass);
        }, (b, out) -> first.batches[b] = out));
    }

    /// Sees what passes a layer, a batch after the other, as long as the layer is in memory.
    @FunctionalInterface
    public interface Watch {
        void of(int batch, Tensor input, Tensor output);
    }

    /// Everything that enters this layer of the dense network passes it; those before it come first.
    public void through(int layer) {
        through(layer, NOBODY);
    }

    /// The same with somebody who looks at the batches of one network.
    ///
    /// @throws IllegalStateException where there are several
    public void through(int layer, Watch watch) {
        if (watch != NOBODY && networks.size() > 1) {
            throw new IllegalStateException("%d networks, and one is watched".formatted(networks.size()));
        }
        var steps = new LinkedHashMap<Step, List<Integer>>();
        for (int n = 0; n < networks.size(); n++) {
            var own = networks.get(n).layers();
            if (next[n] < own.size() && index(own.get(next[n])) == layer) {
                steps.computeIfAbsent(new Step(states[n], own.get(next[n])), _ -> new ArrayList<>()).add(n);
                next[n]++;
            }
        }
        var all = List.copyOf(steps.entrySet());
        var found = all.stream().map(step -> new State(batches, step.getValue().size())).toList();
        try (var _ = source.hold(layer)) {
            each(all.size() * batches, i -> {
                var step = all.get(i / batches).getKey();
                var x = step.from.of(i % batches).get();
                ride.meter.forward(step.layer, x.size(0));
                return step.layer.forward(x, ride.pass);
            }, (i, out) -> found.get(i / batches).batches[i % batches] = out);
            for (int b = 0; watch != NOBODY && !all.isEmpty() && b < batches; b++) {
                int batch = b;
                var from = all.getFirst().getKey().from;
                Scope.run(() -> watch.of(batch, from.of(batch).get(), found.getFirst().of(batch).get()));
            }
        } catch (RuntimeException | Error e) {
            found.forEach(State::free);
            throw e;
        }
        for (int i = 0; i < all.size(); i++) {
            move(all.get(i), found.get(i));
        }
    }

    private void move(Map.Entry<Step, List<Integer>> step, State to) {
        var from = step.getKey().from;
        step.getValue().forEach(network -> states[network] = to);
        from.networks -= step.getValue().size();
        if (from.networks == 0) {
            from.free();
        }
    }

    private interface Taken {
        void of(int index, Waiting.Item item);
    }

    private void each(int count, IntFunction<Tensor> work, Taken taken) {
        Threads.each(count, i -> taken.of(i, ride.waiting.keep(
                Autograd.recording(false, () -> Scope.yieldOwned(() -> work.apply(i))))));
    }

    /// What a network's last layer gave for a batch; this one's own, or as long as the scope that is open.
    public Tensor output(int network, int batch) {
        return states[network].of(batch).get();
    }

    /// Nobody asks what the others gave.
    public void keepOnly(int network) {
        Arrays.stream(states).distinct().filter(state -> state != states[network]).forEach(State::free);
    }

    @Override
    public void close() {
        Arrays.stream(states).filter(Objects::nonNull).distinct().forEach(State::free);
    }
}
