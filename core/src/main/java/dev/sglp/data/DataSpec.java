package dev.sglp.data;

import dev.sglp.fault.UsageException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// What the user named with `--data KIND:LOCATION`.
///
/// @param kind     the form the data has
/// @param location what follows the colon: a path (`~/` is the home directory); for glyphs a seed, or nothing
public record DataSpec(Kind kind, String location) {
    private static final Pattern WITH_KIND = Pattern.compile("([a-z][a-z0-9]+):(.*)", Pattern.DOTALL);

    /// The forms of data there are; `use` says what a form is for.
    public enum Kind {
        // @formatter:off
        CIFAR10("a directory with CIFAR-10's binary or Python files"),
        CIFAR100("a directory with CIFAR-100's binary or Python files"),
        IMAGES("a directory or zip with one folder a class"),
        GLYPHS("shapes drawn by the program itself"),
        ARRAYS("a .npz file of images or signals: x_train, y_train, x_test, y_test, or images and labels"),
        TEXT("a text file, for language models"),
        JSONL("FILE#FIELD: a text a line, for language models"),
        CHAT("FILE#FIELD: a conversation a line, of which the assistant's answers are predicted, for language models"),
        TASK("NAME=FILE: questions with choices, or with answers that are written, for language models"),
        PAIRS("two sentences and how alike they are, a tab between each, for encoders of sentences");
        // @formatter:on

        private final String use;

        Kind(String use) {
            this.use = use;
        }

        /// As it is written before the colon.
        public String prefix() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public DataSpec {
        if (location.isBlank() && kind != Kind.GLYPHS) {
            throw new UsageException(
                    "'%s:' names no file; expected %s:PATH".formatted(kind.prefix(), kind.prefix()));
        }
    }

    /// Reads `KIND:LOCATION`, or a bare path to a directory or zip of images.
    ///
    /// @throws UsageException where the kind is not known, or cannot be guessed from a bare path
    public static DataSpec parse(String text) {
        var match = WITH_KIND.matcher(text);
        if (!match.matches()) {
            return guess(text);
        }
        return Arrays.stream(Kind.values()).filter(k -> k.prefix().equals(match.group(1))).findFirst()
                .map(kind -> new DataSpec(kind, match.group(2)))
                .orElseThrow(
                        () -> new UsageException("data '%s' is of the unknown kind '%s:'; known kinds are%s"
                                .formatted(text, match.group(1), kinds())));
    }

    /// The location as a path.
    public Path path() {
        return expand(location);
    }

    @Override
    public String toString() {
        return kind.prefix() + ":" + location;
    }

    /// All kinds, one a line.
    public static String kinds() {
        return Arrays.stream(Kind.values()).map(k -> "%n  %-10s %s".formatted(k.prefix() + ":", k.use))
                .collect(Collectors.joining());
    }

    private static DataSpec guess(String text) {
        var path = expand(text);
        if (Files.isDirectory(path) || text.toLowerCase(Locale.ROOT).endsWith(".zip")) {
            return new DataSpec(Kind.IMAGES, text);
        }
        throw new UsageException(
                "data '%s' names no kind, and %s; expected KIND:PATH with one of%s".formatted(text,
                        Files.exists(path) ? "it is neither a directory nor a zip" : "there is no such file", kinds()));
    }

    private static Path expand(String text) {
        try {
            return text.startsWith("~/") ? Path.of(System.getProperty("user.home"), text.substring(2)) : Path.of(text);
        } catch (InvalidPathException e) {
            throw new UsageException(
                    "data '%s' is no path here: %s. Maybe the locale has no such letters (LC_ALL=C.UTF-8 has)"
                            .formatted(text, e.getReason()),
                    e);
        }
    }
}
