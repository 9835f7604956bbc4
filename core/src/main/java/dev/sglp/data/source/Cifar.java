package dev.sglp.data.source;

import dev.sglp.data.image.Decoding;
import dev.sglp.data.image.ImageSet;
import dev.sglp.data.image.ImageSource;
import dev.sglp.data.image.Labels;
import dev.sglp.data.image.Reading;
import dev.sglp.data.item.Rgb;
import dev.sglp.data.text.Utf8;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/// CIFAR-10 and CIFAR-100 as their author distributes them (https://www.cs.toronto.edu/~kriz/cifar.html), unpacked.
final class Cifar implements ImageSource {
    static final int SIDE = 32;
    static final int PIXELS = 3 * SIDE * SIDE;

    /// Which of the two.
    enum Form {
        CIFAR10(1, "data_batch_[0-9]+", "test_batch", "batches.meta", "batches.meta"), CIFAR100(2, "train", "test",
                "fine_label_names", "meta");

        /// Bytes before the pixels of a binary record; the last of them is the (fine) label.
        final int labelBytes;
        final String train;
        final String test;
        final String names;
        final String meta;

        Form(int labelBytes, String train, String test, String names, String meta) {
            this.labelBytes = labelBytes;
            this.train = train;
            this.test = test;
            this.names = names;
            this.meta = meta;
        }
    }

    /// One file's images.
    ///
    /// @param bytes  the file, or its array of pixels
    /// @param offset of the first image
    /// @param stride bytes from one image to the next
    /// @param labels class of each image
    record Part(MemorySegment bytes, long offset, long stride, int[] labels) {
        Rgb image(int index) {
            var planes = bytes.asSlice(offset + index * stride, PIXELS).toArray(ValueLayout.JAVA_BYTE);
            return new Rgb(SIDE, SIDE, planes);
        }
    }

    private final Path directory;
    private final List<String> classes;
    private final Map<String, List<Part>> splits;

    private Cifar(Path directory, List<String> classes, Map<String, List<Part>> splits) {
        this.directory = directory;
        this.classes = classes;
        this.splits = splits;
    }

    static Cifar open(Path path, Form form) throws IOException {
        if (path.toString().matches(".*\\.(tar|tgz|gz)")) {
            throw new IOException(
                    "[%s] is an archive. Unpack it (tar xf %s) and name the directory.".formatted(path, path));
        }
        var directory = inner(path);
        var splits = new TreeMap<String, List<Part>>();
        splits.put(TRAIN, parts(directory, form, form.train));
        splits.put(TEST, parts(directory, form, form.test));
        splits.values().removeIf(List::isEmpty);
        if (splits.isEmpty()) {
            throw new IOException(
                    "[%s] has no files of %s; expected %s.bin and %s.bin, or the same without .bin (Python form)"
                            .formatted(directory, form, form.train, form.test));
        }
        var source = new Cifar(directory, classes(directory, form), splits);
        source.checkLabels();
        return source;
    }

    /// The parts of a split in the order of their names; the binary form where a directory has both.
    private static List<Part> parts(Path directory, Form form, String name) throws IOException {
        var parts = new ArrayList<Part>();
        for (var file : files(directory, name + "\\.bin")) {
            parts.add(CifarBinary.read(file, form));
        }
        if (parts.isEmpty()) {
            for (var file : files(directory, name)) {
                parts.add(CifarPickle.read(file, form));
            }
        }
        return parts;
    }

    private static List<Path> files(Path directory, String name) throws IOException {
        try (var list = Files.list(directory)) {
            return list.filter(p -> p.getFileName().toString().matches(name) && Files.isRegularFile(p)).sorted()
                    .toList();
        }
    }

    private static List<String> classes(Path directory, Form form) throws IOException {
        var lines = directory.resolve(form.names + ".txt");
        if (Files.isRegularFile(lines)) {
            return Utf8.read(lines).text().lines().map(String::strip).filter(line -> !line.isEmpty()).toList();
        }
        var pickle = directory.resolve(form.meta);
        return Files.isRegularFile(pickle) ? CifarPickle.classes(pickle, form) : usualNames(form);
    }

    private void checkLabels() throws IOException {
        for (var split : splits.keySet()) {
            int worst = Arrays.stream(labels(split)).filter(l -> l < 0 || l >= classes.size()).findFirst().orElse(0);
            if (worst != 0) {
                throw new IOException(
                        "[%s] %s has an image with label %d, but there are %d classes. Maybe it is the other CIFAR, or damaged."
                                .formatted(directory, split, worst, classes.size()));
            }
        }
    }

    /// The directory itself, or the only one in it: archives unpack to `cifar-10-batches-bin/`.
    private static Path inner(Path path) throws IOException {
        if (!Files.isDirectory(path)) {
            throw new IOException("[%s] is no directory; expected the one with CIFAR's files".formatted(path));
        }
        try (var list = Files.list(path)) {
            var inside = list.filter(p -> p.getFileName().toString().matches("cifar-?100?-.*") && Files.isDirectory(p))
                    .toList();
            return inside.size() == 1 ? inside.getFirst() : path;
        }
    }

    @Override
    public String name() {
        return String.valueOf(directory.toAbsolutePath().normalize().getFileName());
    }

    @Override
    public List<String> splits() {
        return List.copyOf(splits.keySet());
    }

    @Override
    public List<String> classes() {
        return classes;
    }

    @Override
    public List<String> notes() {
        return List.of();
    }

    @Override
    public int[] labels(String split) {
        return parts(split).stream().flatMapToInt(part -> Arrays.stream(part.labels())).toArray();
    }

    private List<Part> parts(String split) {
        if (splits.get(split) instanceof List<Part> parts) {
            return parts;
        }
        throw new IllegalArgumentException("[%s] has no split '%s', only %s".formatted(name(), split, splits()));
    }

    @Override
    public ImageSet decode(String split, int[] items, Reading reading) throws IOException {
        var parts = parts(split);
        var labels = new Labels(labels(split), classes).select(items);
        return new Decoding("%s, %s".formatted(name(), split), labels, reading).run(new Decoding.Reader() {
            @Override
            public Rgb read(int position) {
                int index = items[position];
                int part = 0;
                while (index >= parts.get(part).labels().length) {
                    index -= parts.get(part++).labels().length;
                }
                return parts.get(part).image(index);
            }

            @Override
            public String where(int position) {
                return "%s, %s, image %d".formatted(name(), split, items[position]);
            }
        });
    }

    /// The author's names for CIFAR-10; for CIFAR-100, where no file names them, `class N`.
    private static List<String> usualNames(Form form) {
        return switch (form) {
            case CIFAR10 ->
                List.of("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck");
            case CIFAR100 -> IntStream.range(0, 100).mapToObj(i -> "class " + i).toList();
        };
    }
}
