package dev.sglp.checkpoint;

import dev.sglp.checkpoint.mapped.MappedFile;
import dev.sglp.tensor.DType;
import dev.sglp.tensor.Device;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Tensors;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.function.Supplier;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/// The tensors of one model, by their names in the checkpoint. It owns them until {@link #close}; whoever asks gets a view.
///
/// | made by | may be changed | needs the checkpoint |
/// |---|---|---|
/// | {@link #forTraining} | yes: copies in float32 | no |
/// | {@link #forReading} | no ({@link #writable}): what the file has in the compute type is a view of it | no: the file stays mapped as long as these are open |
public final class Weights implements AutoCloseable {
    private final String source;
    private final boolean writable;
    private final List<MappedFile> files; // that some tensors are views of
    private final List<MappedFile.Hold> holds;
    private final Arena memory = Arena.ofShared(); // of tensors that are neither views of a file nor libtorch's own
    private final SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();
    private final Set<String> views = new HashSet<>(); // of a file: they are not changed
    private final Set<String> replaced = new LinkedHashSet<>();
    private final List<Tensor> before = new ArrayList<>();
    private final List<AutoCloseable> closed = new ArrayList<>(); // with these
    private @Nullable Stream stream;
    private Set<String> placeholders = Set.of(); // where layers are streamed
    private final Map<String, DType> later = new LinkedHashMap<>();

    private Weights(String source, boolean writable, List<MappedFile> files) {
        this.source = source;
        this.writable = writable;
        this.files = files;
        this.holds = files.stream().map(MappedFile::hold).toList();
    }

    /// Copies every tensor of a checkpoint into memory of its own; floating-point tensors become float32.
    ///
    /// @throws IOException where the file contradicts its header, or a weight is not a finite number
    public static Weights forTraining(Checkpoint checkpoint) throws IOException {
        return forTraining(checkpoint, checkpoint.tensors().keySet());
    }

    /// As {@link #forTraining(Checkpoint)}, of some tensors only.
    ///
    /// @param names those that are read
    public static Weights forTraining(Checkpoint checkpoint, Set<String> names) throws IOException {
        return filled(new Weights(checkpoint.path().toString(), true, List.of()), checkpoint, names,
                (_, info) -> checked(checkpoint, info, owned(checkpoint, info)));
    }

    /// Weights for computing only: floating-point tensors in `compute`, others as they are. A tensor that a file of this machine
    /// has in its type is a view of it and is in memory once. A network on them refuses to be trained.
    ///
    /// @param compute {@link DType#F32} or another floating-point type
    /// @throws IOException where the file contradicts its header, or a weight is not a finite number
    public static Weights forReading(Checkpoint checkpoint, DType compute) throws IOException {
        return forReading(checkpoint, compute, checkpoint.tensors().keySet());
    }

    /// As {@link #forReading(Checkpoint, DType)}, of some tensors only.
    ///
    /// @param names those that are read
    public static Weights forReading(Checkpoint checkpoint, DType compute, Set<String> names) throws IOException {
        return forReading(checkpoint, compute, names, true);
    }

    /// The same; who has read them before need not look at every number again.
    ///
    /// @param look whether numbers that are not finite are looked for
    public static Weights forReading(Checkpoint checkpoint, DType compute, Set<String> names, boolean look)
            throws IOException {
        return filled(mapped(checkpoint, compute), checkpoint, names, (weights, info) -> {
            var tensor = weights.read(checkpoint, info, compute);
            return look ? checked(checkpoint, info, tensor) : tensor;
        });
    }

    /// How a network is run whose layers do not fit into memory.
    ///
    /// @param checkpoint they are read from
    /// @param compute    the type they are read in
    /// @param layers     how many may be in memory at a time
    /// @param room       bytes that activations may take
    /// @param spare      of the memory besides what holds layers and ends: what is computed at a time may take it
    public record Stream(Checkpoint checkpoint, DType compute, int layers, long room, long spare) {}

    /// Weights of a network whose layers are read as they are needed: theirs are only placeholders of the right shape, which take no memory: zero
    /// everywhere, whatever the file holds.
    ///
    /// @param names  of all tensors that are needed
    /// @param layers of those that belong to layers
    /// @param stored of those that stay in the file's own type
    public static Weights streamed(Stream how, Set<String> names, Set<String> layers, Set<String> stored)
            throws IOException {
        var checkpoint = how.checkpoint;
        var weights = filled(mapped(checkpoint, how.compute), checkpoint, names, (all, info) -> {
            if (layers.contains(info.name())) {
                return placeholder(info, how.compute);
            }
            return all.opened(checkpoint, info, stored.contains(info.name()) ? info.dtype() : how.compute);
        });
        weights.stream = how;
        weights.placeholders = Set.copyOf(layers);
        return weights;
    }

    /// To which types numbers of placeholders are rounded when they are read.
    public Map<String, DType> roundedLater() {
        return Collections.unmodifiableMap(later);
    }

    /// How the layers are read; empty where all are in memory.
    public Optional<Stream> stream() {
        return Optional.ofNullable(stream);
    }

    /// What somebody made of these once, and goes with them.
    ///
    /// @param make closed before these are
    public synchronized <T extends AutoCloseable> T attached(Class<T> kind, Supplier<T> make) {
        return attached(kind).orElseGet(() -> {
            var made = make.get();
            closed.add(made);
            return made;
        });
    }

    /// What was made of these, where somebody has.
    public synchronized <T extends AutoCloseable> Optional<T> attached(Class<T> kind) {
        return closed.stream().filter(kind::isInstance).map(kind::cast).findFirst();
    }

    /// Files that another machine may cut are copied: nobody here would be told.
    private static Weights mapped(Checkpoint checkpoint, DType compute) {
        if (!compute.floating()) {
            throw new IllegalArgumentException("networks compute in a floating-point type, not in " + compute);
        }
        var files = checkpoint.mapped();
        boolean local = files.stream().allMatch(MappedFile::local);
        return new Weights(checkpoint.path().toString(), false, local ? files : List.of());
    }

    private static Tensor placeholder(TensorInfo info, DType compute) {
        long[] shape = info.shape().stream().mapToLong(Long::longValue).toArray();
        return Scope.yieldOwned(() -> Tensors.zeros(info.dtype().floating() ? compute : info.dtype(), 1).expand(shape));
    }

    private Tensor opened(Checkpoint checkpoint, TensorInfo info, DType compute) throws IOException {
        return checked(checkpoint, info, read(checkpoint, info, compute));
    }

    private Tensor read(Checkpoint checkpoint, TensorInfo info, DType compute) throws IOException {
        var type = info.dtype().floating() ? compute : info.dtype();
        return info.dtype() == type && !files.isEmpty() ? view(checkpoint, info) : copied(checkpoint, info, type);
    }

    private static Tensor checked(Checkpoint checkpoint, TensorInfo info, Tensor tensor) throws IOException {
        if (info.dtype().floating() && !Tensors.allFinite(tensor)) {
            Scope.free(tensor);
            throw new IOException(
                    "[%s] tensor '%s' holds values that are not finite numbers (NaN or infinity). Maybe the training diverged, or the file is damaged"
                            .formatted(checkpoint.path(), info.name()));
        }
        return tensor;
    }

    /// How a tensor gets into memory.
    @FunctionalInterface
    private interface Reading {
        Tensor read(Weights weights, TensorInfo info) throws IOException;
    }

    /// Pages of the file that were only looked at are given back.
    private static Weights filled(Weights weights, Checkpoint checkpoint, Set<String> names, Reading reading)
            throws IOException {
        try {
            for (var info : checkpoint.tensors().values()) {
                if (!names.contains(info.name())) {
                    continue;
                }
                check(checkpoint.mapped());
                weights.tensors.put(info.name(), reading.read(weights, info));
                checkpoint.unload();
            }
            return weights;
        } catch (IOException | RuntimeException e) {
            weights.close();
            throw e;
        }
    }

    private static void check(List<MappedFile> files) throws IOException {
        for (var file : files) {
            file.check();
        }
    }

    private static Tensor owned(Checkpoint checkpoint, TensorInfo info) throws IOException {
        return copied(checkpoint, info, info.dtype().floating() ? DType.F32 : info.dtype());
    }

    private static Tensor copied(Checkpoint checkpoint, TensorInfo info, DType to) throws IOException {
        try (var bytes = Arena.ofShared()) {
            var stored = stored(checkpoint, info, bytes);
            return Scope.yieldOwned(() -> {
                var tensor = Tensors.over(stored, info.dtype(), info.shape());
                return info.dtype() == to ? tensor.clone() : tensor.to(Tensors.scalarType(to));
            });
        }
    }

    private static MemorySegment stored(Checkpoint checkpoint, TensorInfo info, Arena memory) throws IOException {
        return MappedFile.touched(checkpoint.file(info.name()), () -> checkpoint.read(info.name(), memory));
    }

    private Tensor view(Checkpoint checkpoint, TensorInfo info) throws IOException {
        var stored = stored(checkpoint, info, memory);
        views.add(info.name());
        return Scope.yieldOwned(() -> Tensors.over(stored, info.dtype(), info.shape()));
    }

    /// Takes over tensors made elsewhere, for instance freshly initialised ones.
    public static Weights of(String source, SequencedMap<String, Tensor> tensors) {
        var weights = new Weights(source, true, List.of());
        tensors.forEach((name, tensor) -> weights.tensors.put(name, Scope.own(tensor)));
        return weights;
    }

    /// These where they lie on that device; else copies there, and these are closed.
    public Weights on(Device device) {
        if (tensors.values().stream().allMatch(tensor -> Device.of(tensor).equals(device))) {
            return this;
        }
        var there = new Weights(source, writable, List.of());
        tensors.forEach((name, tensor) -> there.tensors.put(name, Scope.yieldOwned(() -> device.moved(tensor))));
        close();
        return there;
    }

    /// A copy that can be changed without changing this one.
    public Weights copy() {
        var copy = new Weights(source, true, List.of());
        tensors.forEach((name, tensor) -> copy.tensors.put(name, Scope.yieldOwned(() -> tensor.detach().clone())));
        return copy;
    }

    /// Whether the tensors may be changed in place.
    public boolean writable() {
        return writable;
    }

    /// Asked before views of a file are read: the system ends a program that reads what has been cut off.
    ///
    /// @throws UncheckedIOException where a file has changed since it was opened
    public void checkUnchanged() {
        try {
            check(files);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The tensor of this name.
    ///
    /// @throws IllegalArgumentException where there is none
    public Tensor get(String name) {
        var tensor = tensors.get(name);
        if (tensor == null) {
            throw new IllegalArgumentException("[%s] has no tensor '%s'".formatted(source, name));
        }
        return tensor;
    }

    /// Replaces every number of a tensor by the nearest one that `dtype` has; whoever holds the tensor holds the rounded one.
    ///
    /// @param looked somebody goes on with the tensor as it was: the rounded one is another, as it is of a file's view
    public void round(String name, DType dtype, boolean looked) {
        var tensor = get(name);
        if (stream != null && placeholders.contains(name) && !replaced.contains(name)) {
            later.put(name, dtype);
            return;
        }
        if (stream != null && replaced.contains(name) && Tensors.isRounded(tensor, dtype)) {
            return; // it may lie where nothing is written
        }
        if (looked || views.contains(name)) {
            before.add(tensor);
            tensor = Scope.yieldOwned(() -> get(name).detach().clone());
            tensors.put(name, tensor);
            views.remove(name);
        }
        Tensors.round(tensor, dtype);
    }

    /// Puts another tensor in the place of one; whoever holds the old one goes on with it.
    ///
    /// @param tensor the caller's own ({@link Scope#own}): taken over
    /// @throws IllegalArgumentException where there is no tensor of this name, or it has another shape
    public void replace(String name, Tensor tensor) {
        var old = get(name);
        if (!Tensors.shape(old).equals(Tensors.shape(tensor))) {
            throw new IllegalArgumentException("[%s] tensor '%s' has the shape %s, got %s".formatted(source, name,
                    Tensors.shape(old), Tensors.shape(tensor)));
        }
        before.add(old);
        tensors.put(name, tensor);
        views.remove(name);
        replaced.add(name);
    }

    /// Tensors that are others than the checkpoint's.
    public Set<String> replaced() {
        return Collections.unmodifiableSet(replaced);
    }

    public SequencedMap<String, Tensor> all() {
        return Collections.unmodifiableSequencedMap(tensors);
    }

    private static void close(AutoCloseable other) {
        try {
            other.close();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        closed.reversed().forEach(Weights::close);
        closed.clear();
        tensors.values().forEach(Scope::free);
        tensors.clear();
        before.forEach(Scope::free);
        before.clear();
        holds.forEach(MappedFile.Hold::close);
        if (memory.scope().isAlive()) {
            memory.close();
        }
    }
}
