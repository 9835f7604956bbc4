package dev.sglp.data.image;

import dev.sglp.data.Batch;
import dev.sglp.data.Dataset;
import dev.sglp.data.item.Form;
import dev.sglp.fault.InputException;
import dev.sglp.progress.Progress;
import dev.sglp.tensor.DType;
import dev.sglp.tensor.Device;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Tensors;
import java.lang.ref.Reference;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/// Decoded images of one size, or signals of one length: one byte a colour value, normalised when they are batched, or float32
/// that is batched as it is. Sets that memory has no room for are decoded anew each time.
public final class ImageSet implements Dataset {
    private final String name;
    private final Stored stored;
    private final Labels labels;
    private final Reading reading;
    private final Device device;
    private @Nullable List<String> hashes;

    ImageSet(String name, Stored stored, Labels labels, Reading reading) {
        this(name, stored, labels, reading, Device.CPU);
    }

    private ImageSet(String name, Stored stored, Labels labels, Reading reading, Device device) {
        this.device = device;
        this.name = name;
        this.stored = stored.on(device);
        this.labels = labels;
        this.reading = reading;
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
        return stored.form();
    }

    /// Whether it holds floating-point numbers, which nothing normalises.
    public boolean isTakenAsItIs() {
        return form().dtype() == DType.F32;
    }

    /// The class of each item; a copy.
    public int[] labels() {
        return labels.of().clone();
    }

    /// The values of one item in the order of its shape, uint8 or the bytes of float32; a copy.
    public byte[] pixels(int item) {
        return stored.get(Objects.checkIndex(item, size()));
    }

    /// The same items under another name.
    public ImageSet named(String other) {
        return new ImageSet(other, stored, labels, reading, device);
    }

    @Override
    public ImageSet on(Device other) {
        return other.equals(device) ? this : new ImageSet(name, stored, labels, reading, other);
    }

    /// The same items with other labels.
    ImageSet labelled(Labels others) {
        return new ImageSet(name, stored, others, reading);
    }

    /// Whether its values are in memory; else they are decoded each time they are asked for.
    public boolean isHeld() {
        return stored instanceof Pixels;
    }

    /// These items, in this order; an item may be named more than once.
    ///
    /// @throws IndexOutOfBoundsException where an index leaves `[0, size())`
    public ImageSet select(String named, int... items) {
        IntStream.of(items).forEach(i -> Objects.checkIndex(i, size()));
        return new ImageSet(named, stored.select(items), labels.select(items), reading, device);
    }

    @Override
    public Batch batch(int from, int to) {
        Objects.checkFromToIndex(from, to, size());
        long[] targets = IntStream.range(from, to).mapToLong(i -> labels.of()[i]).toArray();
        return new Batch(Scope.yield(() -> inputs(stored.range(from, to), to - from)),
                Scope.yield(() -> Tensors.longs(targets))).on(device);
    }

    @Override
    public Batch pick(int... items) {
        long[] targets = IntStream.of(items).mapToLong(i -> labels.of()[Objects.checkIndex(i, size())]).toArray();
        return new Batch(Scope.yield(() -> inputs(stored.chosen(items), items.length)),
                Scope.yield(() -> Tensors.longs(targets))).on(device);
    }

    @Override
    public void expect(List<int[]> picks) {
        stored.expect(picks);
    }

    /// Float32 `[count, …]`, a copy: nothing in it points into these pixels.
    private Tensor inputs(Pixels pixels, int count) {
        try {
            var shape = Stream.concat(Stream.of((long) count), form().shape().stream()).toList();
            var values = Tensors.over(pixels.bytes().asSlice(0, count * form().bytes()), form().dtype(), shape);
            if (isTakenAsItIs()) {
                return values.clone();
            }
            var x = values.to(ScalarType.Float);
            x.div_(Tensors.floats(new float[]{255}, 1));
            x.sub_(channels(reading.normalisation().mean()));
            x.div_(channels(reading.normalisation().std()));
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
                reading.normalisation()).getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public synchronized List<String> itemHashes() {
        var known = hashes;
        if (known == null) {
            var progress = isHeld() ? Progress.silent() : reading.progress();
            try (var step = progress.step("compare " + name, size(), "items")) {
                known = hashes(step);
            }
            hashes = known;
        }
        return known;
    }

    private List<String> hashes(Progress.Step step) {
        return IntStream.range(0, size()).parallel().mapToObj(i -> {
            var hash = hash(i);
            step.advance(1);
            return hash;
        }).toList();
    }

    /// The first 128 bits of SHA-256 of the pixels, in hexadecimal.
    private String hash(int item) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(stored.get(item));
            return HexFormat.of().formatHex(digest, 0, 16);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /// These items and then the others'.
    ///
    /// @throws InputException where the sizes or the classes differ
    ImageSet followedBy(ImageSet other) {
        if (!form().equals(other.form()) || !classes().equals(other.classes())) {
            throw new InputException("%s (%s) and %s (%s) do not go together".formatted(name, form().words(),
                    other.name, other.form().words()));
        }
        int[] of = IntStream.concat(IntStream.of(labels.of()), IntStream.of(other.labels.of())).toArray();
        return new ImageSet(name, stored.followedBy(other.stored), new Labels(of, classes()), reading, device);
    }
}
