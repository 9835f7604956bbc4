package dev.sglp.data.source;

import dev.sglp.data.image.ImageSource;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// Which folders of a tree are splits, however they are spelled: `train`, `Training`, `train_set`, `TestData`, `dev`, `eval`.
/// What could be one and cannot be taken for it is refused; no split becomes a class without a word.
///
/// @param splits  folder → split; empty where the tree has none
/// @param notes   what was taken for what, what was ignored
/// @param ignored images in folders beside the splits
record SplitFolders(SortedMap<String, String> splits, List<String> notes, long ignored) {
    private static final Map<String, String> WORDS = Map.of("train", ImageSource.TRAIN, "training", ImageSource.TRAIN,
            "test", ImageSource.TEST, "testing", ImageSource.TEST, "val", ImageSource.VAL, "valid", ImageSource.VAL,
            "validation", ImageSource.VAL, "dev", ImageSource.VAL, "eval", ImageSource.VAL, "evaluation",
            ImageSource.VAL);
    private static final Pattern NAME = Pattern
            .compile("(%s)[-_ ]?(set|data|dataset|split|images)?".formatted(String.join("|", WORDS.keySet())));
    private static final Pattern BETWEEN_WORDS = Pattern.compile("[^A-Za-z]+|(?<=[a-z])(?=[A-Z])");

    /// The split that a folder of this name is.
    static Optional<String> split(String folder) {
        var match = NAME.matcher(folder.toLowerCase(Locale.ROOT));
        return match.matches() ? Optional.of(WORDS.get(match.group(1))) : Optional.empty();
    }

    /// The split that a word of the name means, as in `seg_train` or `train2017`.
    private static Optional<String> hinted(String folder) {
        return split(folder).or(() -> Arrays.stream(BETWEEN_WORDS.split(folder))
                .map(word -> WORDS.get(word.toLowerCase(Locale.ROOT))).filter(Objects::nonNull).findFirst());
    }

    /// A folder with images in or below it, or with folders in it.
    private static final class Folder {
        private final String name;
        private final TreeSet<String> below = new TreeSet<>();
        private long flat; // images right in it
        private long deep; // images in folders below

        private Folder(String name) {
            this.name = name;
        }

        /// @param path through this folder, or one that ends in an empty name: a folder's
        private void add(String[] path, int depth) {
            boolean image = !path[path.length - 1].isEmpty();
            boolean right = path.length == depth + 2;
            if (!right) {
                below.add(path[depth + 1]);
            }
            flat += image && right ? 1 : 0;
            deep += image && !right ? 1 : 0;
        }

        private String quoted() {
            return "'" + name + "'";
        }
    }

    /// The folders of this depth that paths go through.
    private static Collection<Folder> folders(List<String[]> paths, int depth) {
        var folders = new TreeMap<String, Folder>();
        for (var path : paths) {
            if (path.length > depth + 1) {
                folders.computeIfAbsent(path[depth], Folder::new).add(path, depth);
            }
        }
        return folders.values();
    }

    /// @param file  what errors call the tree
    /// @param paths of images and folders, cut at each `/`
    /// @param top   folders over all
    static SplitFolders of(String file, List<String[]> paths, int top) throws IOException {
        var folders = folders(paths, top);
        var named = folders.stream().filter(f -> split(f.name).isPresent() && !f.below.isEmpty()).toList();
        if (named.stream().noneMatch(f -> f.deep > 0)) {
            return new SplitFolders(new TreeMap<>(), classes(file, folders), 0);
        }
        var splits = new TreeMap<String, String>();
        var notes = new ArrayList<String>();
        for (var folder : named) {
            var split = split(folder.name).orElseThrow();
            refuseTwice(file, splits, folder, split);
            splits.put(folder.name, split);
            if (!folder.name.equals(split)) {
                notes.add("%s: took the folder %s for the split %s.".formatted(file, folder.quoted(), split));
            }
        }
        var others = folders.stream().filter(f -> !splits.containsKey(f.name) && f.flat + f.deep > 0).toList();
        refuseLikely(file, splits, others);
        if (!others.isEmpty()) {
            notes.add("%s: ignored beside its splits: %s.".formatted(file, others.stream()
                    .map(f -> "%s (%,d images%s)".formatted(f.quoted(), f.flat + f.deep,
                            f.deep == 0 ? " in no class folder" : ""))
                    .collect(Collectors.joining(", "))));
        }
        var inside = paths.stream().filter(p -> p.length > top && splits.containsKey(p[top])).toList();
        notes.addAll(classes(file, folders(inside, top + 1)));
        return new SplitFolders(splits, notes, others.stream().mapToLong(f -> f.flat + f.deep).sum());
    }

    private static void refuseTwice(String file, Map<String, String> splits, Folder folder, String split)
            throws IOException {
        for (var other : splits.entrySet()) {
            if (other.getValue().equals(split)) {
                throw new IOException("[%s] has the folders '%s' and %s, both for the split %s. Rename or remove one."
                        .formatted(file, other.getKey(), folder.quoted(), split));
            }
        }
    }

    /// What is spelled in another way, and is no split that is there already.
    private static void refuseLikely(String file, Map<String, String> splits, List<Folder> others) throws IOException {
        for (var folder : others) {
            var hint = hinted(folder.name).filter(split -> folder.deep > 0 && !splits.containsValue(split));
            if (hint.isPresent()) {
                throw new IOException(
                        "[%s] has the folder %s beside %s. Maybe it is the split %s: rename it to %s, or move it away."
                                .formatted(file, folder.quoted(), splits.keySet(), hint.get(), hint.get()));
            }
        }
    }

    /// Looks for splits among the folders that are to be classes.
    private static List<String> classes(String file, Collection<Folder> folders) throws IOException {
        var flat = folders.stream().filter(f -> f.flat > 0 && split(f.name).isPresent()).toList();
        refuse(flat, "[%s] has images right in the folders %s; expected train/CLASS/IMAGE and test/CLASS/IMAGE."
                .formatted(file, quoted(flat)));
        var deep = folders.stream().filter(f -> f.flat == 0 && f.deep > 0 && hinted(f.name).isPresent()).toList();
        refuse(deep,
                "[%s] has the folders %s, which look like splits; expected train/CLASS/IMAGE and test/CLASS/IMAGE. Rename them."
                        .formatted(file, quoted(deep)));
        for (var folder : folders) {
            var below = folder.below.stream().filter(name -> split(name).isPresent()).map(Folder::new).toList();
            refuse(below,
                    "[%s] has splits (%s) in the folder %s; expected them over the classes: train/CLASS/IMAGE. If that folder is a data set of its own, name it."
                            .formatted(file, quoted(below), folder.quoted()));
        }
        return flat.stream()
                .map(f -> "%s: took the folder %s for a class: its images lie in no folders.".formatted(file,
                        f.quoted()))
                .toList();
    }

    private static String quoted(List<Folder> folders) {
        return folders.stream().map(Folder::quoted).collect(Collectors.joining(", "));
    }

    /// One such folder may be a class: a vehicle called train. Two that mean different splits are none.
    private static void refuse(List<Folder> folders, String message) throws IOException {
        if (folders.stream().map(f -> hinted(f.name).orElseThrow()).distinct().count() > 1) {
            throw new IOException(message);
        }
    }
}
