package dev.sglp.data.image;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.sglp.data.text.Utf8;
import dev.sglp.output.JsonDamage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/// Which class of a network each folder of a data set is, from a file: a line a folder, its name and behind a tab (or the first space)
/// the class, by number from 0 or by the name that the network gives it; or JSON as ImageNet's index has it, `{"0": ["n01440764",
/// "tench"], …}`. Folders may be fewer than the classes.
///
/// @param file    for errors
/// @param classes by folder
public record ClassMap(Path file, SequencedMap<String, String> classes) {
    private static final JsonMapper JSON = new JsonMapper();

    /// @throws IOException where it cannot be read, or a line is not a folder and a class
    public static ClassMap read(Path file) throws IOException {
        var text = Utf8.whole(file);
        var map = new ClassMap(file, new LinkedHashMap<>());
        if (text.stripLeading().startsWith("{")) {
            map.index(text);
        } else {
            map.lines(text);
        }
        if (map.classes.isEmpty()) {
            throw new IOException("[%s] names no folders; expected lines 'FOLDER<tab>CLASS'".formatted(file));
        }
        return map;
    }

    private void lines(String text) throws IOException {
        int number = 0;
        for (var line : text.lines().toList()) {
            number++;
            if (line.isBlank()) {
                continue;
            }
            var parts = line.strip().split(line.strip().contains("\t") ? "\t" : " ", 2);
            if (parts.length < 2) {
                throw new IOException("[%s] line %d is '%s', expected a folder and, behind a tab, its class"
                        .formatted(file, number, line));
            }
            put(parts[0].strip(), parts[1].strip());
        }
    }

    private void index(String text) throws IOException {
        try {
            for (var entry : JSON.readTree(text).properties()) {
                if (!entry.getValue().path(0).isTextual()) {
                    throw new IOException("[%s] '%s' is %s, expected a list that begins with a folder's name"
                            .formatted(file, entry.getKey(), entry.getValue()));
                }
                put(entry.getValue().path(0).textValue(), entry.getKey());
            }
        } catch (JsonProcessingException e) {
            throw new IOException("[%s] is not JSON: %s".formatted(file, JsonDamage.of(e)), e);
        }
    }

    private void put(String folder, String name) throws IOException {
        var before = classes.put(folder, name);
        if (before != null && !before.equals(name)) {
            throw new IOException("[%s] says of the folder '%s' that it is '%s' and '%s'".formatted(file, folder,
                    before, name));
        }
    }

    /// The source with the network's classes.
    ///
    /// @param names of the classes, in their order; their numbers where they have none
    /// @throws IOException where a folder is not in the file, or is of a class that the network has not
    public ImageSource over(ImageSource source, List<String> names) throws IOException {
        var folders = source.classes();
        int[] to = new int[folders.size()];
        for (int i = 0; i < to.length; i++) {
            var name = classes.get(folders.get(i));
            if (name == null) {
                throw new IOException("[%s] does not say which class the folder '%s' of %s is".formatted(file,
                        folders.get(i), source.name()));
            }
            to[i] = number(folders.get(i), name, names);
        }
        return new Mapped(source, names, to);
    }

    private int number(String folder, String name, List<String> names) throws IOException {
        int found = names.indexOf(name);
        if (found < 0 && name.matches("\\d{1,6}")) {
            found = Integer.parseInt(name) < names.size() ? Integer.parseInt(name) : -1;
        }
        if (found < 0) {
            throw new IOException("[%s] the folder '%s' is said to be the class '%s'; expected a number below %d%s"
                    .formatted(file, folder, name, names.size(), names.equals(Labels.numbers(names.size()))
                            ? ", since the network does not name its classes"
                            : " or a name of the network's, as '%s'".formatted(names.getFirst())));
        }
        return found;
    }

    /// @param to for each class of the source, the network's
    private record Mapped(ImageSource source, List<String> classes, int[] to) implements ImageSource {
        @Override
        public String name() {
            return source.name();
        }

        @Override
        public List<String> splits() {
            return source.splits();
        }

        @Override
        public int[] labels(String split) {
            int[] labels = source.labels(split);
            for (int i = 0; i < labels.length; i++) {
                labels[i] = to[labels[i]];
            }
            return labels;
        }

        @Override
        public List<String> notes() {
            return source.notes();
        }

        @Override
        public ImageSet decode(String split, int[] items, Reading reading) throws IOException {
            int[] all = labels(split);
            int[] chosen = new int[items.length];
            for (int i = 0; i < items.length; i++) {
                chosen[i] = all[items[i]];
            }
            return source.decode(split, items, reading).labelled(new Labels(chosen, classes));
        }
    }
}
