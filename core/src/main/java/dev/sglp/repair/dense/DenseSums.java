package dev.sglp.repair.dense;

import dev.sglp.model.LayeredModel;
import dev.sglp.model.wave.LayerSource;
import dev.sglp.tensor.Scope;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/// What the layers of a dense network sum to, batch by batch, for repairs that look at the same batches again: a repair that finds them need not
/// run the dense network. Beyond some hundred megabytes nothing more is kept. It owns them; close it.
public final class DenseSums implements AutoCloseable {
    /// Bytes that are kept at the most.
    public static final long MOST = 1L << 29;

    private final long most;
    private final Map<Integer, Known> batches = new HashMap<>();
    private long bytes;

    /// @param most bytes
    DenseSums(long most) {
        this.most = most;
    }

    /// Of a network, nothing so far; nothing ever where its layers are not in memory.
    public static DenseSums of(LayeredModel dense) {
        return LayerSource.of(dense).isPresent() ? none() : new DenseSums(MOST);
    }

    /// Keeps nothing.
    public static DenseSums none() {
        return new DenseSums(0);
    }

    /// What is known of a batch: nothing where the one of this number had other inputs. Others may be asked for on other threads.
    public synchronized Known of(int batch, Tensor inputs) {
        var found = batches.get(batch);
        if (found != null) {
            return found.inputs.equal(inputs) ? found : new Known(inputs, false);
        }
        var fresh = new Known(inputs, takes(inputs));
        if (fresh.keeps) {
            batches.put(batch, fresh);
        }
        return fresh;
    }

    private synchronized boolean takes(Tensor tensor) {
        if (bytes + tensor.nbytes() > most) {
            return false;
        }
        bytes += tensor.nbytes();
        return true;
    }

    /// The sums of one batch. One thread at a time asks.
    public final class Known {
        private final Tensor inputs;
        private final boolean keeps;
        private final Map<Integer, Tensor> sums = new HashMap<>();

        private Known(Tensor inputs, boolean keeps) {
            this.inputs = keeps ? Scope.own(inputs.detach()) : inputs;
            this.keeps = keeps;
        }

        /// A layer's, in the scope that is open; not to be changed.
        public Optional<Tensor> find(int layer) {
            return Optional.ofNullable(sums.get(layer)).map(Tensor::detach);
        }

        /// Keeps a layer's where there is room. It stays the caller's, who does not change it.
        public void keep(int layer, Tensor sum) {
            if (keeps && !sums.containsKey(layer) && takes(sum)) {
                sums.put(layer, Scope.own(sum.detach()));
            }
        }

        private void free() {
            Scope.free(inputs);
            sums.values().forEach(Scope::free);
        }
    }

    @Override
    public void close() {
        batches.values().forEach(Known::free);
        batches.clear();
        bytes = 0;
    }
}
