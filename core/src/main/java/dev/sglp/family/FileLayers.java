package dev.sglp.family;

import dev.sglp.checkpoint.Checkpoint;
import dev.sglp.checkpoint.Weights;
import dev.sglp.checkpoint.mapped.KeptTensors;
import dev.sglp.model.Layer;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.wave.DenseStates;
import dev.sglp.model.wave.DrawnLayers;
import dev.sglp.model.wave.LayerSource;
import dev.sglp.model.wave.StreamedLayer;
import dev.sglp.tensor.Autograd;
import dev.sglp.tensor.DType;
import dev.sglp.tensor.NativeHeap;
import dev.sglp.tensor.Tensors;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/// The layers of a file, of which some are in memory: those of the beginning stay, the others come and go. While one is used the next one is
/// read.
final class FileLayers implements LayerSource, AutoCloseable {
    private static final int DRAWN = 4; // of what layers and ends leave a share that drawn ones may take, if one does not take more
    private final Checkpoint checkpoint;
    private final DType compute;
    private final long room;
    private final long spare;
    private final int most;
    private final List<Layer> outlines;
    private final List<Map<Long, String>> names = new ArrayList<>(); // of each layer's placeholders
    private final LinkedHashMap<Integer, Place> places = new LinkedHashMap<>(); // least recently asked for first
    private final Set<Integer> known = new HashSet<>(); // layers whose numbers were looked at
    private final KeptTensors kept; // a twin's too: what it uses of them goes out of memory with its layers
    private final boolean twin;
    private final DrawnLayers drawn;
    private final DenseStates states = new DenseStates(this);
    private final ExecutorService ahead = Executors
            .newSingleThreadExecutor(Thread.ofPlatform().daemon().name("next layer").factory());
    private Map<String, DType> rounded = Map.of();
    private boolean closed;
    private boolean back; // whether a walk goes from the last layer to the first
    private int last; // layer that was held
    private long read; // bytes
    private final AtomicLong waves = new AtomicLong(); // bytes of the largest wave that was told
    private @Nullable FileLayers narrow; // the same in another type

    /// A layer that is in memory, or on its way there.
    private static final class Place {
        private final CompletableFuture<Loaded> loaded = new CompletableFuture<>();
        private int holders;

        boolean idle() {
            return holders == 0 && loaded.isDone();
        }
    }

    private record Loaded(Layer layer, Weights weights) {}

    private FileLayers(Weights outline, Weights.Stream stream, List<Layer> outlines) {
        this.checkpoint = stream.checkpoint();
        this.compute = stream.compute();
        this.room = stream.room();
        this.spare = stream.spare();
        this.most = stream.layers();
        this.outlines = outlines;
        kept = new KeptTensors();
        drawn = new DrawnLayers(spare / DRAWN);
        twin = false;
        var all = outline.all().entrySet().stream()
                .collect(Collectors.toMap(e -> Tensors.identity(e.getValue()), Map.Entry::getKey));
        outlines.forEach(layer -> names.add(layer.parameters().values().stream().map(Tensors::identity)
                .collect(Collectors.toMap(id -> id, all::get))));
    }

    private FileLayers(FileLayers other, DType compute) {
        this.checkpoint = other.checkpoint;
        this.compute = compute;
        this.room = other.room;
        this.spare = other.spare;
        this.most = other.most;
        this.outlines = other.outlines;
        this.names.addAll(other.names);
        this.rounded = other.rounded;
        kept = other.kept;
        twin = true;
        drawn = new DrawnLayers(spare / DRAWN);
    }

    /// The network whose layers are read as they are needed.
    ///
    /// @param outline the network on placeholders
    /// @param weights theirs; what is made goes with them
    static LayeredModel of(LayeredModel outline, Weights weights, Weights.Stream stream) {
        var source = weights.attached(FileLayers.class, () -> new FileLayers(weights, stream, outline.layers()));
        source.rounding(weights.roundedLater());
        var layers = IntStream.range(0, outline.layers().size()).<Layer>mapToObj(i -> source.layer(i, weights))
                .toList();
        return new LayeredModel(outline.family(), Widened.of(outline.stem(), stream.compute()), List.of(),
                outline.head(),
                outline.objective(), outline.layout()).readOnly(weights::checkUnchanged).with(layers);
    }

    /// From here on numbers are rounded when they are read.
    private synchronized void rounding(Map<String, DType> types) {
        if (!types.equals(rounded)) {
            rounded = Map.copyOf(types);
            release();
        }
    }

    private StreamedLayer layer(int index, Weights weights) {
        var replaced = names.get(index).values().stream().filter(weights.replaced()::contains)
                .collect(Collectors.toMap(name -> name, weights::get));
        return new StreamedLayer(outlines.get(index), index, this, replaced);
    }

    @Override
    public int layers() {
        return outlines.size();
    }

    @Override
    public long bytes() {
        return names.stream().mapToLong(this::bytes).sum();
    }

    private long bytes(Map<Long, String> layer) {
        return layer.values().stream().mapToLong(name -> checkpoint.tensors().get(name).bytes()).sum();
    }

    @Override
    public DType type() {
        return compute;
    }

    @Override
    public synchronized LayerSource in(DType type) {
        if (type == compute) {
            return this;
        }
        release();
        if (narrow == null) {
            narrow = new FileLayers(this, type);
        }
        if (narrow.compute != type) {
            throw new IllegalStateException(
                    "read in %s and %s, not in a third type".formatted(compute, narrow.compute));
        }
        return narrow;
    }

    @Override
    public long spare() {
        return spare;
    }

    @Override
    public DenseStates states() {
        return states;
    }

    @Override
    public DrawnLayers drawn() {
        return drawn;
    }

    @Override
    public long room() {
        return room;
    }

    @Override
    public Tensor keep(Tensor tensor) {
        return kept.keep(tensor);
    }

    @Override
    public Aside aside(Tensor tensor) {
        return new KeptAside(kept, kept.set(tensor));
    }

    @Override
    public LayerSource.Place place() {
        return KeptAside.place();
    }

    @Override
    public long disk(long each) {
        return kept.room(each);
    }

    @Override
    public boolean onDisk() {
        return kept.onDisk();
    }

    @Override
    public String reserve(String what, long bytes, long each) {
        return kept.reserve(what, bytes, each);
    }

    @Override
    public void reserveWave(long bytes, long each, Consumer<String> say) {
        var words = bytes > 0 ? reserve("activations", bytes, each) : "";
        if (bytes > waves.getAndAccumulate(bytes, Math::max)) {
            say.accept(words);
        }
    }

    @Override
    public synchronized void release() {
        drawn.release();
        places.entrySet().stream().filter(e -> e.getValue().idle()).map(Map.Entry::getKey).toList().forEach(this::drop);
    }

    @Override
    public Held hold(int layer) {
        var place = asked(layer);
        try {
            var loaded = place.loaded.join();
            readAhead(layer);
            return new Held() {
                @Override
                public Layer layer() {
                    return loaded.layer;
                }

                @Override
                public void close() {
                    let(place);
                }
            };
        } catch (CompletionException e) {
            let(place);
            switch (e.getCause()) {
                case IOException io -> throw new UncheckedIOException(io);
                case RuntimeException own -> throw own;
                case Error own -> throw own;
                case null, default -> throw e;
            }
        }
    }

    private synchronized void let(Place place) {
        place.holders--;
        notifyAll();
    }

    /// The layer's place, held, which is filled by whoever makes it. Waits until there is room.
    private Place asked(int layer) {
        Place place;
        synchronized (this) {
            while (!places.containsKey(layer) && !makeRoom(layer)) {
                await();
            }
            boolean known = places.containsKey(layer);
            place = known ? places.remove(layer) : new Place();
            places.put(layer, place); // asked for last
            place.holders++;
            if (known) {
                return place;
            }
        }
        fill(layer, place);
        return place;
    }

    private void await() {
        try {
            wait();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while a layer is waited for", e);
        }
    }

    private void fill(int layer, Place place) {
        try {
            place.loaded.complete(load(layer));
        } catch (IOException | RuntimeException | Error e) {
            synchronized (this) {
                places.remove(layer);
                place.loaded.completeExceptionally(e);
            }
        }
        synchronized (this) {
            notifyAll();
        }
    }

    /// Walks go from the first layer to the last and begin again: what was used last is needed last.
    private boolean makeRoom(int wanted) {
        if (places.size() < most) {
            return true;
        }
        var idle = places.entrySet().stream().filter(e -> e.getKey() != wanted && e.getValue().idle())
                .map(Map.Entry::getKey).reduce((_, last) -> last);
        idle.ifPresent(this::drop);
        return idle.isPresent();
    }

    private void drop(int layer) {
        var place = places.remove(layer);
        if (place != null && !place.loaded.isCompletedExceptionally()) {
            place.loaded.join().weights.close();
            NativeHeap.trim(); // else what comes and goes beside layers keeps holes of their size
        }
        kept.unload();
        checkpoint.unload();
    }

    /// Reads the next one, on a way back the one before, where there is room without sending away one that is in use.
    private synchronized void readAhead(int now) {
        back = now == last ? back : now < last;
        last = now;
        int next = back ? now - 1 : now + 1;
        if (closed || most < 2 || next < 0 || next >= outlines.size() || places.containsKey(next)) {
            return;
        }
        if (places.size() < most || places.values().stream().anyMatch(Place::idle)) {
            ahead.execute(() -> {
                var place = new Place();
                synchronized (this) {
                    if (closed || places.containsKey(next) || !makeRoom(next)) {
                        return;
                    }
                    places.put(next, place);
                }
                fill(next, place);
            });
        }
    }

    private Loaded load(int layer) throws IOException {
        var own = names.get(layer);
        boolean looked;
        Map<String, DType> types;
        synchronized (this) {
            looked = known.contains(layer);
            types = rounded;
        }
        var weights = Weights.forReading(checkpoint, compute, Set.copyOf(own.values()), !looked);
        try {
            own.values().stream().filter(types::containsKey)
                    .forEach(name -> weights.round(name, types.get(name), false));
            var complete = Autograd.recording(false,
                    () -> outlines.get(layer).mapped(t -> weights.get(own.get(Tensors.identity(t)))));
            synchronized (this) {
                known.add(layer);
                read += bytes(own);
            }
            return new Loaded(complete, weights);
        } catch (RuntimeException | Error e) {
            weights.close();
            throw e;
        } finally {
            checkpoint.unload();
        }
    }

    /// Bytes of layers that were read so far, each time they were.
    synchronized long read() {
        return read + (narrow == null ? 0 : narrow.read());
    }

    @Override
    public void close() {
        synchronized (this) {
            closed = true;
        }
        if (narrow != null) {
            narrow.close();
        }
        ahead.close();
        drawn.close();
        states.close();
        synchronized (this) {
            List.copyOf(places.keySet()).forEach(this::drop);
            if (!twin) {
                kept.close();
            }
        }
    }
}
