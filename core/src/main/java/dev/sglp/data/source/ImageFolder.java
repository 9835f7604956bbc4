package dev.sglp.data.source;

import dev.sglp.data.image.Decoding;
import dev.sglp.data.image.ImageSet;
import dev.sglp.data.image.ImageSource;
import dev.sglp.data.image.Labels;
import dev.sglp.data.image.Reading;
import dev.sglp.data.item.Rgb;
import dev.sglp.data.picture.ImageDecoder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/// One folder a class, in a directory or a zip, with or without folders `train`, `test`, `val` above, and with at most
/// one folder over all. Classes are the folder names of all splits, sorted; items are sorted by path.
final class ImageFolder implements ImageSource {
    private final Path path;
    private final FolderLayout layout;

    private ImageFolder(Path path, FolderLayout layout) {
        this.path = path;
        this.layout = layout;
    }

    static ImageFolder open(Path path) throws IOException {
        try (var tree = FileTree.open(path)) {
            return new ImageFolder(path, FolderLayout.of(nameOf(path), tree.paths()));
        }
    }

    private static String nameOf(Path path) {
        return String.valueOf(path.toAbsolutePath().normalize().getFileName());
    }

    @Override
    public String name() {
        return nameOf(path);
    }

    @Override
    public List<String> splits() {
        return List.copyOf(layout.splits().keySet());
    }

    @Override
    public List<String> classes() {
        return layout.classes();
    }

    @Override
    public List<String> notes() {
        return layout.notes();
    }

    @Override
    public int[] labels(String split) {
        return items(split).values().stream().mapToInt(label -> label).toArray();
    }

    private Map<String, Integer> items(String split) {
        if (layout.splits().get(split) instanceof Map<String, Integer> items) {
            return items;
        }
        throw new IllegalArgumentException(
                "[%s] has no split '%s', only %s".formatted(name(), split, layout.splits().keySet()));
    }

    @Override
    public ImageSet decode(String split, int[] items, Reading reading) throws IOException {
        var paths = List.copyOf(items(split).keySet());
        var labels = new Labels(labels(split), layout.classes()).select(items);
        var chosen = IntStream.of(items).mapToObj(paths::get).toArray(String[]::new);
        var tree = FileTree.open(path);
        boolean needed = false;
        try {
            var set = new Decoding("%s, %s".formatted(name(), split), labels, reading).run(reader(tree, chosen));
            needed = !set.isHeld(); // the garbage collector closes it then
            return set;
        } finally {
            if (!needed) {
                tree.close();
            }
        }
    }

    private Decoding.Reader reader(FileTree tree, String[] paths) {
        return new Decoding.Reader() {
            @Override
            public Rgb read(int position) throws IOException {
                return ImageDecoder.decode(tree.bytes(paths[position]), where(position));
            }

            @Override
            public String where(int position) {
                return name() + ":" + paths[position];
            }
        };
    }
}
