package dev.sglp.cli.typed;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.function.Function;
import picocli.CommandLine;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/// How words become values, and what is said of those that do not.
public final class Values {
    private Values() {}

    /// Has this command line read its values so.
    public static CommandLine readBy(CommandLine command) {
        var whole = number("a whole number", Integer::parseInt);
        var number = number("a number", Double::parseDouble);
        return command.registerConverter(Path.class, Values::path).registerConverter(int.class, whole)
                .registerConverter(Integer.class, whole).registerConverter(double.class, number)
                .registerConverter(Double.class, number)
                .registerConverter(long.class, number("a whole number", Long::parseLong));
    }

    private static Path path(String text) {
        if (text.isBlank()) {
            throw new TypeConversionException(
                    "it is empty, expected a path. Maybe a variable of your shell is not set");
        }
        try {
            return Path.of(text);
        } catch (InvalidPathException e) {
            throw new TypeConversionException(
                    "'%s' is no path here: %s. Maybe the locale has no such letters (LC_ALL=C.UTF-8 has)"
                            .formatted(text, e.getReason()));
        }
    }

    private static <T> ITypeConverter<T> number(String what, Function<String, T> parsed) {
        return text -> {
            try {
                return parsed.apply(text.strip());
            } catch (NumberFormatException e) {
                throw new TypeConversionException("'%s' is not %s".formatted(text, what));
            }
        };
    }
}
