package dev.sglp.model.wave;

import dev.sglp.model.Layer;
import dev.sglp.tensor.NativeHeap;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Seed;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;

/// Layers with random weights, drawn when they are asked for: as many stay as have room, and always the one that is in use. What is drawn is
/// the same each time. Several threads may ask, each for one at a time.
public final class DrawnLayers implements AutoCloseable {
    private final long room;
    private final LinkedHashMap<Key, Place> places = new LinkedHashMap<>(); // least recently asked for first
    private long bytes;
    private long drawn;
    private boolean closed;

    private record Key(int layer, Seed seed) {}

    private static final class Place {
        private final Layer layer;
        private final List<Tensor> owned;
        private int users;

        Place(Layer layer) {
            this.layer = layer;
            owned = Stream.concat(layer.parameters().values().stream(), layer.buffers().values().stream()).distinct()
                    .map(Scope::own).toList();
        }

        long bytes() {
            return owned.stream().mapToLong(Tensor::nbytes).sum();
        }
    }

    /// @param room bytes that they may take together; one of them may take more
    public DrawnLayers(long room) {
        this.room = room;
    }

    /// Uses one, which is there until the use ends.
    ///
    /// @param layer its place in the dense network
    /// @param most  bytes that it takes
    /// @param draw  makes it, on tensors of its own in the scope that is open
    <T> T use(int layer, Seed seed, long most, Supplier<Layer> draw, Function<Layer, T> use) {
        var place = asked(new Key(layer, seed), most, draw);
        try {
            return use.apply(place.layer);
        } finally {
            let(place);
        }
    }

    private synchronized Place asked(Key key, long most, Supplier<Layer> draw) {
        if (closed) {
            throw new IllegalStateException("the network that layer %d belongs to is closed".formatted(key.layer));
        }
        while (!places.containsKey(key) && bytes > 0 && bytes + most > room) {
            if (!dropped()) {
                await();
            }
        }
        var place = places.remove(key);
        if (place == null) {
            try (var _ = Scope.open()) {
                place = new Place(draw.get());
            }
            bytes += place.bytes();
            drawn++;
        }
        places.put(key, place);
        place.users++;
        return place;
    }

    private synchronized void let(Place place) {
        place.users--;
        notifyAll();
    }

    /// Sends away the one that nobody has asked for longest; false where all are in use.
    private boolean dropped() {
        var idle = places.entrySet().stream().filter(e -> e.getValue().users == 0).findFirst();
        idle.ifPresent(e -> drop(e.getKey()));
        return idle.isPresent();
    }

    private void drop(Key key) {
        var place = Objects.requireNonNull(places.remove(key));
        bytes -= place.bytes();
        place.owned.forEach(Scope::free);
        NativeHeap.trim();
    }

    private void await() {
        try {
            wait();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while room for a drawn layer is waited for", e);
        }
    }

    /// Sends every one away that nobody uses.
    public synchronized void release() {
        while (dropped()) {
            // the next one
        }
    }

    /// What is there takes so many.
    public synchronized long bytes() {
        return bytes;
    }

    /// How many were drawn, each time they were.
    public synchronized long drawn() {
        return drawn;
    }

    @Override
    public synchronized void close() {
        closed = true;
        release();
    }
}
