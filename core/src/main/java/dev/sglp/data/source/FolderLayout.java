package dev.sglp.data.source;

import dev.sglp.data.image.ImageSource;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// What the folders of an image tree mean: `[TOP/][SPLIT/]CLASS/…/IMAGE`.
///
/// @param classes folder names of all splits, sorted
/// @param splits  split → path → label, paths sorted
/// @param notes   what was ignored
record FolderLayout(List<String> classes, Map<String, Map<String, Integer>> splits, List<String> notes) {
    private static final Pattern IMAGE = Pattern.compile("(?i).*\\.(jpe?g|png|bmp|gif)");
    private static final Map<String, String> SPLITS = Map.of("train", ImageSource.TRAIN, "test", ImageSource.TEST,
            "val",
            ImageSource.VAL, "valid", ImageSource.VAL, "validation", ImageSource.VAL);

    /// @param file  what errors call the tree
    /// @param paths as {@link FileTree#paths} gives them
    static FolderLayout of(String file, List<String> paths) throws IOException {
        var images = paths.stream().filter(p -> IMAGE.matcher(p).matches()).sorted().toList();
        var shape = Shape.of(images);
        var folders = new TreeMap<String, List<String>>(); // SPLIT/CLASS or CLASS → images
        paths.stream().flatMap(shape::classFolder).forEach(folder -> folders.putIfAbsent(folder, new ArrayList<>()));
        images.forEach(path -> shape.classFolder(path).forEach(folder -> folders.get(folder).add(path)));
        refuseEmpty(file, folders);

        var classes = List.copyOf(new TreeSet<>(folders.keySet().stream().map(FolderLayout::last).toList()));
        if (classes.size() < 2) {
            throw new IOException(
                    "[%s] has %s; expected folders CLASS/IMAGE, or train/CLASS/IMAGE and test/CLASS/IMAGE, with two classes or more and JPEG, PNG, BMP or GIF images"
                            .formatted(file,
                                    classes.isEmpty()
                                            ? "no images in class folders"
                                            : "only the class '" + classes.getFirst() + "'"));
        }
        long ignored = paths.stream().filter(p -> !p.endsWith("/")).count()
                - folders.values().stream().mapToLong(List::size).sum();
        return new FolderLayout(classes, splits(folders, shape, classes), ignored == 0
                ? List.of()
                : List.of("%s: ignored %d files that are no images in a class folder.".formatted(file, ignored)));
    }

    private static void refuseEmpty(String file, Map<String, List<String>> folders) throws IOException {
        for (var folder : folders.entrySet()) {
            if (folder.getValue().isEmpty()) {
                throw new IOException(
                        "[%s] the class folder '%s' has no JPEG, PNG, BMP or GIF images. Remove it, or fill it."
                                .formatted(file, folder.getKey()));
            }
        }
    }

    private static Map<String, Map<String, Integer>> splits(Map<String, List<String>> folders, Shape shape,
            List<String> classes) {
        var splits = new TreeMap<String, Map<String, Integer>>();
        folders.forEach((folder, images) -> {
            int label = classes.indexOf(last(folder));
            String split = shape.split() ? SPLITS.get(first(folder)) : ImageSource.ALL;
            images.forEach(path -> splits.computeIfAbsent(split, _ -> new TreeMap<>()).put(path, label));
        });
        return splits;
    }

    private static String first(String folder) {
        return folder.substring(0, folder.indexOf('/'));
    }

    private static String last(String folder) {
        return folder.substring(folder.lastIndexOf('/') + 1);
    }

    /// @param top   folders over all: 0 or 1
    /// @param split whether there is a level of splits
    private record Shape(int top, boolean split) {
        static Shape of(List<String> images) {
            var parts = images.stream().map(p -> p.split("/")).toList();
            boolean wrapped = parts.stream().map(p -> p[0]).distinct().count() == 1
                    && parts.stream().allMatch(p -> p.length >= 3) && !SPLITS.containsKey(parts.getFirst()[0]);
            int top = wrapped ? 1 : 0;
            return new Shape(top, parts.stream().anyMatch(p -> p.length >= top + 3 && SPLITS.containsKey(p[top])));
        }

        /// The class folder a file lies in, or a folder is; none where it lies elsewhere.
        Stream<String> classFolder(String path) {
            String[] parts = path.split("/");
            int needed = top + (split ? 2 : 1) + (path.endsWith("/") ? 0 : 1);
            if (parts.length < needed || split && !SPLITS.containsKey(parts[top])) {
                return Stream.empty();
            }
            return Stream.of(String.join("/", Arrays.copyOfRange(parts, top, top + (split ? 2 : 1))));
        }
    }
}
