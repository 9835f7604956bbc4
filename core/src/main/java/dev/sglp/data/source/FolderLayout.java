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
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// What the folders of an image tree mean: `[TOP/][SPLIT/]CLASS/…/IMAGE`.
///
/// @param classes folder names of all splits, sorted
/// @param splits  split → path → label, paths sorted
/// @param notes   what was ignored, what was taken for what
record FolderLayout(List<String> classes, Map<String, Map<String, Integer>> splits, List<String> notes) {
    private static final Pattern IMAGE = Pattern.compile("(?i).*\\.(jpe?g|png|bmp|gif|webp)");
    private static final Pattern WEBP = Pattern.compile("(?i).*\\.webp");

    /// @param file  what errors call the tree
    /// @param paths as {@link FileTree#paths} gives them
    static FolderLayout of(String file, List<String> paths) throws IOException {
        var images = paths.stream().filter(p -> IMAGE.matcher(p).matches()).sorted().toList();
        var shape = Shape.of(file, paths, images);
        var folders = new TreeMap<String, List<String>>(); // SPLIT/CLASS or CLASS → images
        paths.stream().flatMap(shape::classFolder).forEach(folder -> folders.putIfAbsent(folder, new ArrayList<>()));
        images.forEach(path -> shape.classFolder(path).forEach(folder -> folders.get(folder).add(path)));
        refuseEmpty(file, folders);

        var classes = List.copyOf(new TreeSet<>(folders.keySet().stream().map(FolderLayout::last).toList()));
        if (classes.size() < 2) {
            throw new IOException(
                    "[%s] has %s; expected folders CLASS/IMAGE, or train/CLASS/IMAGE and test/CLASS/IMAGE, with two classes or more and JPEG, PNG, BMP, GIF or WebP images"
                            .formatted(file,
                                    classes.isEmpty()
                                            ? "no images in class folders"
                                            : "only the class '" + classes.getFirst() + "'"));
        }
        var notes = new ArrayList<>(shape.folders().notes());
        long ignored = paths.stream().filter(p -> !p.endsWith("/")).count() - shape.folders().ignored()
                - folders.values().stream().mapToLong(List::size).sum();
        if (ignored > 0) {
            notes.add("%s: ignored %d files that are no images in a class folder.".formatted(file, ignored));
        }
        long webp = images.stream().filter(path -> WEBP.matcher(path).matches()).count();
        if (webp > 0) {
            notes.add(
                    "%s: %,d pictures are WebP; what is lossy of them is read a little otherwise than Pillow reads it (some 2 of 255 in the mean)."
                            .formatted(file, webp));
        }
        return new FolderLayout(classes, splits(folders, shape, classes), List.copyOf(notes));
    }

    private static void refuseEmpty(String file, Map<String, List<String>> folders) throws IOException {
        for (var folder : folders.entrySet()) {
            if (folder.getValue().isEmpty()) {
                throw new IOException(
                        "[%s] the class folder '%s' has no JPEG, PNG, BMP, GIF or WebP images. Remove it, or fill it."
                                .formatted(file, folder.getKey()));
            }
        }
    }

    private static Map<String, Map<String, Integer>> splits(Map<String, List<String>> folders, Shape shape,
            List<String> classes) {
        var splits = new TreeMap<String, Map<String, Integer>>();
        folders.forEach((folder, images) -> {
            int label = classes.indexOf(last(folder));
            String split = shape.split() ? shape.folders().splits().get(first(folder)) : ImageSource.ALL;
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

    /// @param top     folders over all: 0 or 1
    /// @param folders those below, and which are splits
    private record Shape(int top, SplitFolders folders) {
        static Shape of(String file, List<String> paths, List<String> images) throws IOException {
            var seen = images.stream().map(p -> p.split("/")).collect(Collectors.toCollection(ArrayList::new));
            int top = wrapped(seen) ? 1 : 0;
            paths.stream().filter(p -> p.endsWith("/")).forEach(p -> seen.add(p.split("/", -1)));
            return new Shape(top, SplitFolders.of(file, seen, top));
        }

        /// Whether there is one folder over all that is no split itself, or has splits of its own.
        private static boolean wrapped(List<String[]> images) {
            return images.stream().map(p -> p[0]).distinct().count() == 1
                    && images.stream().allMatch(p -> p.length >= 3)
                    && (SplitFolders.split(images.getFirst()[0]).isEmpty()
                            || images.stream().allMatch(p -> p.length >= 4 && SplitFolders.split(p[1]).isPresent()));
        }

        boolean split() {
            return !folders.splits().isEmpty();
        }

        /// The class folder a file lies in, or a folder is; none where it lies elsewhere.
        Stream<String> classFolder(String path) {
            String[] parts = path.split("/");
            int needed = top + (split() ? 2 : 1) + (path.endsWith("/") ? 0 : 1);
            if (parts.length < needed || split() && !folders.splits().containsKey(parts[top])) {
                return Stream.empty();
            }
            return Stream.of(String.join("/", Arrays.copyOfRange(parts, top, top + (split() ? 2 : 1))));
        }
    }
}
