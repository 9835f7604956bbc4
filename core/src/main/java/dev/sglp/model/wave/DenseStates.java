package dev.sglp.model.wave;

import dev.sglp.model.Layer;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.Pass;
import dev.sglp.model.wave.LayerSource.Aside;
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
    private static final int DATA = 2; // to choose on, to verify on
    private static final int SHARE = 8; // of the free disk that those of one data may take

    private final LayerSource source;
    private final Map<Asked, States> known = new LinkedHashMap<>(DATA, 0.75f, true);

    public DenseStates(LayerSource source) {
        this.source = source;
    }

    /// @param bytes of one of them at the most
    public record Batches(int count, long bytes) {}

    private record Asked(List<Layer> layers, Object data, Pass pass) {}

    /// Those of one network on one data.
    public static final class States {
        private final LayerSource source;
        private final List<Layer> layers;
        private final @Nullable Aside[][] outputs; // [layer][batch]

        private States(LayerSource source, List<Layer> layers, int batches) {
            this.source = source;
            this.layers = layers;
            outputs = new Aside[layers.size()][batches];
        }

        /// Whether the network's whole way with these batches is known.
        public boolean knows(int from, int to) {
            var last = outputs[layers.size() - 1];
            return IntStream.range(from, to).allMatch(b -> last[b] != null);
        }

        /// Keeps what a layer gave.
        public void keep(int layer, int batch, Tensor output) {
            if (outputs[layer][batch] == null) {
                outputs[layer][batch] = source.aside(output);
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
                for (var batch : layer) {
                    if (batch != null) {
                        batch.free();
                    }
                }
            }
        }
    }

    /// Those of a network on some data, known or to be kept; empty where the disk has no room for them.
    ///
    /// @param data  equal where the batches are
    /// @param told  what will wait on disk
    public synchronized Optional<States> of(LayeredModel dense, Object data, Pass pass, Batches batches,
            Consumer<String> told) {
        var asked = new Asked(dense.layers(), data, pass);
        var found = known.get(asked);
        if (found == null) {
            while (known.size() >= DATA) {
                known.remove(known.keySet().iterator().next()).free();
            }
            long all = batches.bytes * batches.count * dense.layers().size();
            if (all > source.disk(batches.bytes) / SHARE) {
                return Optional.empty();
            }
            source.reserveWave(all, batches.bytes, told);
            found = new States(source, dense.layers(), batches.count);
            known.put(asked, found);
        }
        return Optional.of(found);
    }

    @Override
    public synchronized void close() {
        known.values().forEach(States::free);
        known.clear();
    }
}
