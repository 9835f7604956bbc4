package dev.sglp.checkpoint.huggingface;

import dev.sglp.checkpoint.Checkpoint;
import dev.sglp.output.ByteOrderMark;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/// What the card of a model made of this one says of its origin.
///
/// @param name   what people call the original, `organisation/model` where it lies in the hub's cache
/// @param fields lines of YAML for the card's head: licence, language, base model
public record ModelCardHead(String name, List<String> fields) {
    private static final Pattern KEPT = Pattern.compile("(license|license_name|license_link|language)\\s*:.*");
    private static final Pattern CONTINUED = Pattern.compile("|#.*|(\\s+|-\\s).*");
    private static final Map<String, String> OF_GGUF = Map.of("general.license", "license", "general.license.name",
            "license_name", "general.license.link", "license_link");
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z][\\w.+-]*");
    private static final int MOST_BYTES = 1 << 16; // of a card
    private static final Pattern CACHED = Pattern.compile("models--(.+?)--(.+)");

    public ModelCardHead {
        fields = List.copyOf(fields);
    }

    /// Of a checkpoint: from the head of its `README.md`, or from a GGUF file's metadata.
    public static ModelCardHead of(Checkpoint checkpoint) throws IOException {
        var path = checkpoint.home().orElse(checkpoint.path()).toAbsolutePath().normalize();
        var fields = new ArrayList<>(checkpoint.home().isPresent()
                ? fields(checkpoint.home().get().resolve("README.md"))
                : fields(checkpoint.metadata()));
        for (var folder = path; folder != null; folder = folder.getParent()) {
            var cached = CACHED.matcher(String.valueOf(folder.getFileName()));
            if (cached.matches()) {
                var name = cached.group(1) + "/" + cached.group(2);
                fields.add("base_model: " + quoted(name));
                return new ModelCardHead(name, fields);
            }
        }
        return new ModelCardHead(String.valueOf(path.getFileName()), fields);
    }

    /// Some fields as they stand between the first two lines `---`; none where there is no such head.
    private static List<String> fields(Path card) throws IOException {
        if (!Files.isRegularFile(card) || !Files.isReadable(card)) {
            return List.of();
        }
        var found = new ArrayList<String>();
        boolean kept = false;
        try (var in = Files.newInputStream(card)) {
            byte[] head = in.readNBytes(MOST_BYTES);
            int mark = ByteOrderMark.length(head);
            var lines = new String(head, mark, head.length - mark, StandardCharsets.UTF_8).lines()
                    .map(String::stripTrailing).toList();
            if (lines.isEmpty() || !lines.getFirst().equals("---") || lines.lastIndexOf("---") == 0) {
                return List.of();
            }
            for (var line : lines.subList(1, lines.size())) {
                if (line.equals("---")) {
                    break;
                }
                kept = KEPT.matcher(line).matches() || kept && CONTINUED.matcher(line).matches();
                if (kept) {
                    found.add(line);
                }
            }
        }
        return found;
    }

    private static List<String> fields(Map<String, String> metadata) {
        return OF_GGUF.entrySet().stream().filter(e -> metadata.containsKey(e.getKey()))
                .map(e -> e.getValue() + ": " + quoted(metadata.get(e.getKey()))).sorted().toList();
    }

    /// A string of YAML on one line.
    private static String quoted(String text) {
        return PLAIN.matcher(text).matches()
                ? text
                : "'" + text.replaceAll("\\p{Cntrl}", " ").replace("'", "''") + "'";
    }
}
