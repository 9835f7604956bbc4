package dev.sglp.data.image;

import dev.sglp.data.Batch;
import dev.sglp.data.Dataset;
import dev.sglp.data.item.Form;
import dev.sglp.fault.InputException;
import dev.sglp.tensor.DType;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Tensors;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/// Decoded images of one size, or signals of one length: one byte a colour value, normalised when they are batched, or float32
/// that is batched as it is.
public final class ImageSet implements Dataset {
    private final String name;
    private final Pixels pixels;
    private final Labels labels;
    private final Normalisation normalisation;
    private @Nullable List<String> hashes;

    ImageSet(String name, Pixels pixels, Labels labels, Normalisation normalisation) {
        this.name = name;
        this.pixels = pixels;
        this.labels = labels;
        this.normalisation = normalisation;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public int size() {
        return labels.of().length;
    }

    @Override
    public List<String> classes() {
        return labels.classes();
    }

    /// What every item is like.
    public Form form() {
        return pixels.form();
    }

    /// Whether it holds floating-point numbers, which nothing normalises.
    public boolean isTakenAsItIs() {
        return pixels.form().dtype() == DType.F32;
    }

    /// The class of each item; a copy.
    public int[] labels() {
        return labels.of().clone();
    }

    /// The values of one item in the order of its shape, uint8 or the bytes of float32; a copy.
    public byte[] pixels(int item) {
        return pixels.get(Objects.checkIndex(item, size()));
    }

    /// The same items under another name.
    public ImageSet named(String other) {
        return new ImageSet(other, pixels, labels, normalisation);
    }

    /// The same items, batched with another normalisation.
    public ImageSet normalised(Normalisation other) {
        return new ImageSet(name, pixels, labels, other);
    }

    /// A copy of these items, in this order; an item may be named more than once.
    ///
    /// @throws IndexOutOfBoundsException where an index leaves `[0, size())`
    public ImageSet select(String named, int... items) {
        var chosen = Pixels.allocate(items.length, pixels.form());
        for (int i = 0; i < items.length; i++) {
            Objects.checkIndex(items[i], size());
            chosen.slice(i, i + 1).copyFrom(pixels.slice(items[i], items[i] + 1));
        }
        return new ImageSet(named, chosen, labels.select(items), normalisation);
    }

    @Override
    public Batch batch(int from, int to) {
        Objects.checkFromToIndex(from, to, size());
        long[] targets = IntStream.range(from, to).mapToLong(i -> labels.of()[i]).toArray();
        return new Batch(Scope.yield(() -> inputs(from, to, UnaryOperator.identity())),
                Scope.yield(() -> Tensors.longs(targets)));
    }

    @Override
    public Batch pick(int... items) {
        long[] wanted = IntStream.of(items).mapToLong(i -> Objects.checkIndex(i, size())).toArray();
        long[] targets = IntStream.of(items).mapToLong(i -> labels.of()[i]).toArray();
        return new Batch(Scope.yield(() -> inputs(0, size(), all -> all.index_select(0, Tensors.longs(wanted)))),
                Scope.yield(() -> Tensors.longs(targets)));
    }

    /// Float32 `[chosen, …]`, a copy: nothing in it points into this set.
    private Tensor inputs(int from, int to, UnaryOperator<Tensor> chosen) {
        try {
            var shape = Stream.concat(Stream.of((long) to - from), form().shape().stream()).toList();
            var stored = chosen.apply(Tensors.over(pixels.slice(from, to), pixels.form().dtype(), shape));
            if (isTakenAsItIs()) {
                return stored.clone();
            }
            var x = stored.to(ScalarType.Float);
            x.div_(Tensors.floats(new float[]{255}, 1));
            x.sub_(channels(normalisation.mean()));
            x.div_(channels(normalisation.std()));
            return x;
        } finally {
            Reference.reachabilityFence(pixels);
        }
    }

    private static Tensor channels(List<Double> values) { // [1, 3, 1, 1]
        float[] v = {values.get(0).floatValue(), values.get(1).floatValue(), values.get(2).floatValue()};
        return Tensors.floats(v, 1, 3, 1, 1);
    }

    /// Of pixels, labels and normalisation.
    @Override
    public String digest() {
        return Dataset.digest("%s; %s; %s".formatted(String.join("", itemHashes()), Arrays.toString(labels.of()),
                normalisation).getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public synchronized List<String> itemHashes() {
        var known = hashes;
        if (known == null) {
            known = IntStream.range(0, size()).parallel().mapToObj(this::hash).toList();
            hashes = known;
        }
        return known;
    }

    /// The first 128 bits of SHA-256 of the pixels, in hexadecimal.
    private String hash(int item) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(pixels.get(item));
            return HexFormat.of().formatHex(digest, 0, 16);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /// These items and then the others'.
    ///
    /// @throws InputException where the sizes or the classes differ
    ImageSet followedBy(ImageSet other) {
        if (!pixels.form().equals(other.pixels.form()) || !classes().equals(other.classes())) {
            throw new InputException(
                    "%s (%s) and %s (%s) do not go together".formatted(name, form().words(), other.name,
                            other.form().words()));
        }
        var all = Pixels.allocate(size() + other.size(), pixels.form());
        MemorySegment.copy(pixels.slice(0, size()), 0, all.bytes(), 0, size() * pixels.stride());
        MemorySegment.copy(other.pixels.slice(0, other.size()), 0, all.bytes(), size() * pixels.stride(),
                other.size() * pixels.stride());
        int[] of = IntStream.concat(IntStream.of(labels.of()), IntStream.of(other.labels.of())).toArray();
        return new ImageSet(name, all, new Labels(of, classes()), normalisation);
    }
}
