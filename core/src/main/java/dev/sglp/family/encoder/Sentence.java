package dev.sglp.family.encoder;

import dev.sglp.family.config.ConfigFields;
import dev.sglp.model.transformer.SentenceHead.Pooling;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// How the vectors of a text's tokens become one: as sentence-transformers wrote it beside the network.
///
/// @param unit    whether the vector is divided by its length
/// @param said    whether the directory says it
/// @param longest tokens of a text at most, as the directory says it
public record Sentence(Pooling pooling, boolean unit, boolean said, int longest) {
    /// Where a directory says nothing: the mean.
    static final Sentence UNSAID = new Sentence(Pooling.MEAN, false, false, Integer.MAX_VALUE);

    private static final String MODULES = "modules.json";
    private static final String MODE = "pooling_mode";
    private static final List<String> WIDTHS = List.of("word_embedding_dimension", "embedding_dimension");
    private static final String LIMITS = "sentence_bert_config.json";
    private static final Map<String, Pooling> MODES = Map.of("cls", Pooling.FIRST, "mean", Pooling.MEAN, "max",
            Pooling.LARGEST, "mean_sqrt_len_tokens", Pooling.MEAN_BY_ROOT, "lasttoken", Pooling.LAST);
    private static final Map<String, Pooling> FLAGS = Map.of("pooling_mode_cls_token", Pooling.FIRST,
            "pooling_mode_mean_tokens", Pooling.MEAN, "pooling_mode_max_tokens", Pooling.LARGEST,
            "pooling_mode_mean_sqrt_len_tokens", Pooling.MEAN_BY_ROOT, "pooling_mode_lasttoken", Pooling.LAST);

    /// What lies beside a network's weights.
    ///
    /// @param place the directory; where it is none, nothing is said
    /// @param width of a token's vector
    /// @throws IOException where it says what is not known here
    static Sentence beside(String place, long width) throws IOException {
        var directory = directory(place);
        if (directory.isEmpty() || !Files.isRegularFile(directory.get().resolve(MODULES))) {
            return UNSAID;
        }
        var home = directory.get();
        var kinds = new ArrayList<String>();
        var pooling = UNSAID.pooling;
        for (var module : Beside.list(home.resolve(MODULES))) {
            var fields = new ConfigFields(home.resolve(MODULES).toString(), module);
            var type = String.valueOf(fields.value("type").orElse(""));
            kinds.add(type.substring(type.lastIndexOf('.') + 1));
            var path = String.valueOf(fields.value("path").orElse(""));
            switch (kinds.getLast()) {
                case "Transformer" -> checkHere(fields, path);
                case "Pooling" ->
                    pooling = pooling(home.resolve(Beside.inside(fields, path)).resolve("config.json"), width);
                case "Normalize" -> {
                }
                default -> throw fields.wrong("type", "one of Transformer, Pooling, Normalize", type);
            }
        }
        if (!kinds.equals(List.of("Transformer", "Pooling"))
                && !kinds.equals(List.of("Transformer", "Pooling", "Normalize"))) {
            throw new IOException(
                    "[%s] expected a Transformer, then Pooling, then Normalize or nothing, got %s".formatted(
                            home.resolve(MODULES), kinds));
        }
        return new Sentence(pooling, kinds.size() > 2, true, longest(home.resolve(LIMITS)));
    }

    private static Optional<Path> directory(String place) {
        try {
            return Optional.of(Path.of(place)).filter(Files::isDirectory);
        } catch (InvalidPathException _) {
            return Optional.empty();
        }
    }

    private static void checkHere(ConfigFields module, String path) throws IOException {
        if (!path.isEmpty()) {
            throw module.wrong("path", "nothing: the network lies in the directory itself", path);
        }
    }

    private static int longest(Path limits) throws IOException {
        return Files.isRegularFile(limits)
                ? new ConfigFields(limits.toString(), Beside.object(limits)).count("max_seq_length", Integer.MAX_VALUE)
                : Integer.MAX_VALUE;
    }

    private static Pooling pooling(Path file, long width) throws IOException {
        var fields = new ConfigFields(file.toString(), Beside.object(file));
        for (var name : WIDTHS) {
            fields.mustBe(name, (Object) width, "the network's");
        }
        var found = new TreeMap<String, Pooling>(); // by the field that says it
        if (fields.value(MODE).isPresent()) {
            found.put(MODE, MODES.get(fields.oneOf(MODE, MODES.keySet().stream().sorted().toList())));
        }
        for (var name : fields.names()) {
            if (name.startsWith("pooling_mode_") && fields.flag(name, false)) {
                if (!FLAGS.containsKey(name)) {
                    throw fields.wrong(name, "false: this pooling is not known here", true);
                }
                found.put(name, FLAGS.get(name));
            }
        }
        if (found.values().stream().distinct().count() != 1) {
            throw new IOException("[%s] expected one way of pooling, got %d: %s".formatted(file, found.size(),
                    found.keySet()));
        }
        return found.firstEntry().getValue();
    }

    /// What the user should know.
    Optional<String> note() {
        return said
                ? Optional.empty()
                : Optional.of(
                        "No modules.json says how the tokens' vectors become one: the mean over all tokens of the last layer's output is the embedding.");
    }
}
