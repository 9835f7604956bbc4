package dev.sglp.model.wave;

import dev.sglp.model.Layer;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.Pass;
import dev.sglp.model.wave.LayerSource.Aside;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/// What the layers of a whole network give on the batches of some data, on disk: networks that share its first layers begin behind them, and it
/// need not run again to be compared with. Those of the data that were asked for last. It owns them; close it.
public final class DenseStates implements AutoCloseable {
    private static final int DATA = 4; // to choose on, to verify on, of text in two parts
    private static final int SHARE = 8; // of the free disk

    private final LayerSource source;
    private final Map<Asked, States> known = new LinkedHashMap<>(DATA, 0.75f, true);

    public DenseStates(LayerSource source) {
        this.source = source;
    }

    /// @param bytes of one of them at the most
    public record Batches(int count, long bytes) {}

    /// @param layers of the whole network
    /// @param data   equal where the batches are
    public record Asked(List<Layer> layers, Object data, Pass pass) {}

    /// Those of one network on one data.
    public static final class States {
        private final LayerSource source;
        private final List<Layer> layers;
        private final @Nullable Aside[][] outputs; // [layer][batch]
        private final long bytes; // at the most
        private boolean full; // the disk takes no more

        private States(LayerSource source, List<Layer> layers, int batches, long bytes) {
            this.source = source;
            this.layers = layers;
            this.bytes = bytes;
            outputs = new Aside[layers.size()][batches];
        }

        /// Whether the network's whole way with these batches is known.
        public boolean knows(int from, int to) {
            var last = outputs[layers.size() - 1];
            return IntStream.range(from, to).allMatch(b -> last[b] != null);
        }

        /// Keeps what a layer gave, as long as the disk takes it: nobody has to know it.
        public void keep(int layer, int batch, Tensor output) {
            if (full || outputs[layer][batch] != null) {
                return;
            }
            try {
                outputs[layer][batch] = source.aside(output);
            } catch (UncheckedIOException _) {
                full = true;
                free();
            }
        }

        /// A copy of what a layer gave, in the scope that is open.
        public Tensor output(int layer, int batch) {
            return Objects.requireNonNull(outputs[layer][batch]).read();
        }

        /// What the last layer gave.
        public Tensor last(int batch) {
            return output(layers.size() - 1, batch);
        }

        /// How many layers at the beginning all of these networks share with this one.
        public int shared(List<LayeredModel> networks) {
            int shared = 0;
            while (shared < layers.size() && among(networks, shared)) {
                shared++;
            }
            return shared;
        }

        private boolean among(List<LayeredModel> networks, int layer) {
            return networks.stream().allMatch(
                    network -> layer < network.layers().size()
                            && network.layers().get(layer).equals(layers.get(layer)));
        }

        private void free() {
            for (var layer : outputs) {
                Arrays.stream(layer).filter(Objects::nonNull).forEach(Aside::free);
                Arrays.fill(layer, null);
            }
        }
    }

    /// Those that are known, if only in part.
    public synchronized Optional<States> find(Asked asked) {
        return Optional.ofNullable(known.get(asked));
    }

    /// The same, or those that are to be kept; empty where the disk has no room for them.
    ///
    /// @param beyond bytes of the disk that are promised already
    /// @param told   what will wait there
    public synchronized Optional<States> of(Asked asked, Batches batches, long beyond, Consumer<String> told) {
        var found = known.get(asked);
        if (found != null) {
            return Optional.of(found);
        }
        long bytes = batches.bytes * batches.count * asked.layers.size();
        long room = source.onDisk() ? (source.disk(batches.bytes) - beyond) / SHARE : 0;
        if (bytes > room) {
            return Optional.empty();
        }
        while (known.size() >= DATA || bytes + known.values().stream().mapToLong(states -> states.bytes).sum() > room) {
            known.remove(known.keySet().iterator().next()).free();
        }
        source.reserveWave(bytes, batches.bytes, told);
        var fresh = new States(source, asked.layers, batches.count, bytes);
        known.put(asked, fresh);
        return Optional.of(fresh);
    }

    @Override
    public synchronized void close() {
        known.values().forEach(States::free);
        known.clear();
    }
}
