package dev.sglp.model.wave;

import dev.sglp.model.LayeredModel;
import dev.sglp.model.wave.LayerSource.Aside;
import dev.sglp.tensor.Scope;
import java.io.UncheckedIOException;
import java.util.HashSet;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/// Activations that wait for the layer that needs them: in memory as long as there is room, the others on disk. Several threads may ask. It
/// owns them; close it.
public final class Waiting implements AutoCloseable {
    private final Optional<LayerSource> source;
    private final long room;
    private final Set<Item> items = new HashSet<>();
    private long held; // bytes in memory

    /// @param room bytes in memory
    public Waiting(LayerSource source, long room) {
        this(Optional.of(source), room);
    }

    private Waiting(Optional<LayerSource> source, long room) {
        this.source = source;
        this.room = room;
    }

    /// Of a network: all in memory where its layers are.
    public static Waiting of(LayeredModel model) {
        var source = LayerSource.of(model);
        return new Waiting(source, source.map(LayerSource::room).orElse(Long.MAX_VALUE));
    }

    /// Makes sure that there is room for all that will wait at the same time.
    ///
    /// @param each bytes of one of them, asked where layers are not in memory
    /// @param say  told what of it will wait on disk
    /// @throws UncheckedIOException where the disk has no room for that
    public void expect(long count, LongSupplier each, Consumer<String> say) {
        source.ifPresent(layers -> {
            long bytes = each.getAsLong();
            layers.reserveWave(count * bytes - room, bytes, say);
        });
    }

    /// Takes a tensor over that is the caller's own.
    public Item keep(Tensor owned) {
        var item = new Item(owned, fits(owned.nbytes()));
        synchronized (this) {
            items.add(item);
        }
        return item;
    }

    private synchronized boolean fits(long bytes) {
        if (bytes > room - held) {
            return false;
        }
        held += bytes;
        return true;
    }

    private synchronized void gone(Item item, long bytes) {
        held -= bytes;
        items.remove(item);
    }

    /// One of them.
    public final class Item {
        private final @Nullable Tensor here;
        private final @Nullable Aside there;

        private Item(Tensor owned, boolean stays) {
            here = stays ? owned : null;
            if (stays) {
                there = null;
                return;
            }
            try {
                there = source.orElseThrow().aside(owned);
            } finally {
                Scope.free(owned);
            }
        }

        /// What waits: until it is freed, or as long as the scope that is open.
        public Tensor get() {
            return here != null ? here : aside().read();
        }

        private Aside aside() {
            return Objects.requireNonNull(there);
        }

        /// The same in the scope that is open, to do with as one likes; it waits no longer.
        public Tensor take() {
            if (here == null) {
                var copy = aside().read();
                free();
                return copy;
            }
            gone(this, here.nbytes());
            return Scope.lend(here);
        }

        /// Nobody needs it any more.
        public void free() {
            if (here == null) {
                aside().free();
                gone(this, 0);
            } else {
                gone(this, here.nbytes());
                Scope.free(here);
            }
        }
    }

    @Override
    public void close() {
        Set.copyOf(items).forEach(Item::free);
    }
}
