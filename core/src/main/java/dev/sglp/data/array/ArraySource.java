package dev.sglp.data.array;

import dev.sglp.data.image.Decoding;
import dev.sglp.data.image.ImageSet;
import dev.sglp.data.image.ImageSource;
import dev.sglp.data.image.Labels;
import dev.sglp.data.image.Reading;
import dev.sglp.data.item.Item;
import dev.sglp.data.item.Rgb;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// Images and labels in one `.npz` file, under the keys `x_train`, `y_train`, `x_test`, `y_test` (also `x_val`, `y_val`), or
/// `images` and `labels` where there are no splits. `classes` may hold the classes' names; else they are numbered. Images of
/// uint8 are prepared, unless they have the network's size already, and normalised as decoded ones are; images of floating-point numbers are taken as they are, and so are signals.
public final class ArraySource implements ImageSource {
    private static final int MOST_CLASSES = 1 << 16;
    private static final String CLASSES = "classes";
    private static final Map<String, Keys> SPLITS = new TreeMap<>(Map.of(TRAIN, new Keys("x_train", "y_train"), TEST,
            new Keys("x_test", "y_test"), VAL, new Keys("x_val", "y_val"), ALL, new Keys("images", "labels")));

    private record Keys(String images, String labels) {}

    /// @param images its key
    private record Split(String images, Elements layout, int[] labels) {}

    /// What its arrays hold.
    public enum Holding {
        IMAGES {
            @Override
            Elements elements(String where, NpyHeader header) throws IOException {
                return ImageLayout.of(where, header);
            }
        },
        SIGNALS {
            @Override
            Elements elements(String where, NpyHeader header) throws IOException {
                return SignalLayout.of(where, header);
            }
        };

        /// @throws IOException where an array of this type and shape holds none
        abstract Elements elements(String where, NpyHeader header) throws IOException;

        private String words() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private final Holding holding;
    private final NpzFile file;
    private final Map<String, Split> splits;
    private final List<String> classes;
    private final List<String> notes;
    private final Map<String, NpyArray> arrays = new HashMap<>();

    private ArraySource(Holding holding, NpzFile file, Map<String, Split> splits, List<String> classes,
            List<String> notes) {
        this.holding = holding;
        this.file = file;
        this.splits = splits;
        this.classes = classes;
        this.notes = notes;
    }

    /// Reads headers and labels, no examples.
    ///
    /// @throws IOException where it is malformed, a key is missing, labels do not fit, or there is one class only
    public static ArraySource open(Path path, Holding holding) throws IOException {
        var file = NpzFile.open(path);
        var splits = new TreeMap<String, Split>();
        var notes = new ArrayList<String>();
        for (var split : SPLITS.entrySet()) {
            var keys = split.getValue();
            if (file.has(keys.images) || file.has(keys.labels)) {
                splits.put(split.getKey(), split(file, keys, holding));
                if (holding == Holding.IMAGES && NpyArray.floating(file.header(keys.images))) {
                    notes.add("%s: '%s' holds floating-point numbers, taken as they are: nothing normalises them."
                            .formatted(path.getFileName(), keys.images));
                }
            }
        }
        if (splits.isEmpty() || splits.containsKey(ALL) && splits.size() > 1) {
            throw new IOException(
                    "[%s] has the arrays %s; expected x_train, y_train, x_test, y_test, or images and labels, and if wanted classes"
                            .formatted(path, shown(file.names())));
        }
        var unread = file.names().stream().filter(name -> !name.equals(CLASSES)
                && SPLITS.values().stream().noneMatch(k -> name.equals(k.images) || name.equals(k.labels))).toList();
        if (!unread.isEmpty()) {
            notes.add("%s: ignored the arrays %s; those read are x_train, y_train, x_test, y_test, x_val and y_val."
                    .formatted(path.getFileName(), shown(unread)));
        }
        return new ArraySource(holding, file, splits, classes(file, splits), notes);
    }

    private static String shown(List<String> names) {
        return names.isEmpty()
                ? "(none)"
                : names.stream().map(n -> n.substring(0, Math.min(40, n.length()))).limit(12)
                        .collect(Collectors.joining(", "));
    }

    private static Split split(NpzFile file, Keys keys, Holding holding) throws IOException {
        for (var key : List.of(keys.images, keys.labels)) {
            if (!file.has(key)) {
                throw new IOException("[%s] has no array '%s' beside '%s'. It has: %s".formatted(file.path(), key,
                        key.equals(keys.images) ? keys.labels : keys.images, shown(file.names())));
            }
        }
        var layout = holding.elements(file.where(keys.images), file.header(keys.images));
        var values = file.array(keys.labels).integers("labels");
        if (values.length != layout.count()) {
            throw new IOException("[%s] has %,d labels, but '%s' has %,d %s".formatted(file.where(keys.labels),
                    values.length, keys.images, layout.count(), holding.words()));
        }
        var labels = new int[values.length];
        for (int i = 0; i < labels.length; i++) {
            if (values[i] < 0 || values[i] >= MOST_CLASSES) {
                throw new IOException("[%s] label %d is %d; expected 0 to %d".formatted(file.where(keys.labels), i,
                        values[i], MOST_CLASSES - 1));
            }
            labels[i] = (int) values[i];
        }
        return new Split(keys.images, layout, labels);
    }

    private static List<String> classes(NpzFile file, Map<String, Split> splits) throws IOException {
        var used = splits.values().stream().flatMapToInt(s -> Arrays.stream(s.labels)).distinct().toArray();
        int highest = Arrays.stream(used).max().orElse(0);
        var names = file.has(CLASSES) ? file.array(CLASSES).texts() : Labels.numbers(highest + 1);
        if (highest >= names.size()) {
            throw new IOException("[%s] names %d classes, but there is a label %d".formatted(file.where(CLASSES),
                    names.size(), highest));
        }
        if (used.length < 2) {
            throw new IOException("[%s] has items of only the class %d; expected two classes or more"
                    .formatted(file.path(), highest));
        }
        return names;
    }

    @Override
    public String name() {
        return String.valueOf(file.path().getFileName());
    }

    @Override
    public String items() {
        return holding.words();
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
        return notes;
    }

    @Override
    public int[] labels(String split) {
        return of(split).labels.clone();
    }

    private Split of(String split) {
        if (splits.get(split) instanceof Split found) {
            return found;
        }
        throw new IllegalArgumentException("[%s] has no split '%s', only %s".formatted(name(), split, splits()));
    }

    @Override
    public ImageSet decode(String split, int[] items, Reading reading) throws IOException {
        var from = of(split);
        var array = items.length == 0 ? null : array(from.images);
        var labels = new Labels(from.labels, classes).select(items);
        boolean fits = reading.preparation().size().stream().anyMatch(from.layout::isOf);
        return new Decoding("%s, %s".formatted(name(), split), labels, fits ? reading.asTheyAre() : reading)
                .run(new Decoding.Reader() {
                    @Override
                    public Item read(int position) throws IOException {
                        return from.layout.item(java.util.Objects.requireNonNull(array), items[position]);
                    }

                    @Override
                    public String where(int position) {
                        return "%s:%s, item %d".formatted(name(), from.images, items[position]);
                    }
                });
    }

    /// The array, unpacked once.
    private synchronized NpyArray array(String name) throws IOException {
        var known = arrays.get(name);
        if (known == null) {
            known = file.array(name);
            arrays.put(name, known);
        }
        return known;
    }
}
