package dev.sglp.repair.dense;

import dev.sglp.model.LayeredModel;
import dev.sglp.model.wave.LayerSource;
import dev.sglp.model.wave.LayerSource.Aside;
import dev.sglp.model.wave.LayerSource.Place;
import dev.sglp.tensor.Scope;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/// What the layers of a dense network sum to, batch by batch, for repairs that look at the same batches again: a repair that finds them need not
/// run the dense network. In memory, or on disk where its layers are read from a file. Beyond some bytes nothing more is kept. It
/// owns them; close it.
public final class DenseSums implements AutoCloseable {
    /// Bytes that are kept in memory at the most.
    public static final long MOST = 1L << 29;
    /// The same on disk, and the share of what is free there.
    private static final long MOST_ON_DISK = 1L << 32;
    private static final int SHARE = 4;

    private final Optional<LayerSource> source;
    private final Map<Integer, Known> batches = new HashMap<>();
    private volatile long most;
    private @Nullable Place place;
    private long bytes;

    /// @param most bytes
    DenseSums(long most) {
        this(most, Optional.empty());
    }

    private DenseSums(long most, Optional<LayerSource> source) {
        this.most = most;
        this.source = source;
    }

    /// Of a network, nothing so far.
    public static DenseSums of(LayeredModel dense) {
        return LayerSource.of(dense).map(source -> new DenseSums(
                source.onDisk() ? Math.min(MOST_ON_DISK, source.disk(0) / SHARE) : 0, Optional.of(source)))
                .orElseGet(() -> new DenseSums(MOST));
    }

    /// Keeps nothing.
    public static DenseSums none() {
        return new DenseSums(0);
    }

    /// Says what may wait on disk.
    ///
    /// @param all bytes of all layers' sums over all batches
    public void expect(long all, Consumer<String> say) {
        source.filter(_ -> most > 0).ifPresent(
                disk -> say.accept(disk.reserve("what the dense network's layers sum to", Math.min(most, all))));
    }

    /// Of a network that is not in memory nothing more is kept: it would be written for nobody.
    public void ended() {
        if (source.isPresent()) {
            most = 0;
        }
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

    private synchronized Aside kept(Tensor sum) {
        if (source.isEmpty()) {
            return Aside.here(Scope.own(sum.detach()));
        }
        if (place == null) {
            place = source.get().place();
        }
        return place.aside(sum);
    }

    /// The sums of one batch. One thread at a time asks.
    public final class Known {
        private final Tensor inputs;
        private final boolean keeps;
        private final Map<Integer, Aside> sums = new HashMap<>();

        private Known(Tensor inputs, boolean keeps) {
            this.inputs = keeps ? Scope.own(inputs.detach()) : inputs;
            this.keeps = keeps;
        }

        /// Whether it had better be told every layer's: another layer is run, and read for that, for no less than its sum.
        public boolean wantsAll() {
            return keeps && source.isPresent() && most > 0;
        }

        public boolean has(int layer) {
            return sums.containsKey(layer);
        }

        /// A layer's, in the scope that is open; not to be changed.
        public Optional<Tensor> find(int layer) {
            return Optional.ofNullable(sums.get(layer)).map(Aside::read);
        }

        /// Keeps a layer's where there is room. It stays the caller's, who does not change it.
        public void keep(int layer, Tensor sum) {
            if (keeps && !sums.containsKey(layer) && takes(sum)) {
                try {
                    sums.put(layer, kept(sum));
                } catch (UncheckedIOException _) {
                    most = 0; // the disk takes no more; nobody needs it to go on
                }
            }
        }

        private void free() {
            Scope.free(inputs);
            sums.values().forEach(Aside::free);
        }
    }

    @Override
    public void close() {
        batches.values().forEach(Known::free);
        batches.clear();
        bytes = 0;
        if (place != null) {
            place.close();
            place = null;
        }
    }
}
