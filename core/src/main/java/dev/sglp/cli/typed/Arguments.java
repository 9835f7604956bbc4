package dev.sglp.cli.typed;

import dev.sglp.fault.UsageException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// What the user typed, for the report's line that reproduces it.
public final class Arguments {
    private static final ThreadLocal<List<String>> TYPED = ThreadLocal.withInitial(List::of);

    private Arguments() {}

    public static void remember(String[] args) {
        TYPED.set(List.of(args));
    }

    /// Whether `--quiet` is among it.
    public static boolean quiet() {
        return TYPED.get().contains("--quiet");
    }

    /// A line that does the same again wherever it is pasted into a shell.
    public static String command() {
        return "cd %s && %s".formatted(quoted(Launcher.directory()), line(TYPED.get().toArray(String[]::new)));
    }

    /// Another command of this program, for a shell where this one was typed.
    public static String line(String... words) {
        return "%s %s".formatted(Launcher.words(), quoted(words)).strip();
    }

    /// Words with blanks between them, as a shell would read them again.
    public static String quoted(String... words) {
        return Arrays.stream(words).map(Arguments::word).collect(Collectors.joining(" "));
    }

    private static String word(String arg) {
        return arg.matches("[\\w@%+:,./-][\\w@%+=:,./-]*") ? arg : "'" + arg.replace("'", "'\\''") + "'";
    }

    /// @param number absent where nobody typed it
    /// @throws UsageException where it is less
    public static void atLeastOne(String flag, @Nullable Integer number) {
        if (number != null && number < 1) {
            throw new UsageException("%s is at least 1, got %d".formatted(flag, number));
        }
    }

    /// Whole numbers between commas; `last` is the highest index, negative numbers count from the end, `a-b` is a range.
    public static List<Integer> indices(String flag, String text, int count) {
        try {
            var found = Arrays.stream(text.split(",")).map(String::strip).filter(s -> !s.isEmpty())
                    .flatMap(s -> range(s, count).stream()).toList();
            if (found.isEmpty()) {
                throw new UsageException("%s '%s' names no layer".formatted(flag, text));
            }
            return found;
        } catch (NumberFormatException e) {
            throw new UsageException(
                    "%s takes layer indices such as 0,1,last or 0-3, got '%s'".formatted(flag, text), e);
        }
    }

    private static List<Integer> range(String text, int count) {
        int dash = text.indexOf('-', 1);
        if (dash < 0) {
            return List.of(index(text, count));
        }
        int from = index(text.substring(0, dash), count);
        int to = index(text.substring(dash + 1), count);
        if (to < from) {
            throw new UsageException("'%s' goes backwards: layers %d to %d".formatted(text, from, to));
        }
        return java.util.stream.IntStream.rangeClosed(from, to).boxed().toList();
    }

    private static int index(String text, int count) {
        int index = text.equals("last") ? count - 1 : Integer.parseInt(text);
        int positive = index < 0 ? count + index : index;
        if (positive < 0 || positive >= count) {
            throw new UsageException(
                    "layer %s does not exist: the network has layers 0 to %d".formatted(text, count - 1));
        }
        return positive;
    }
}
