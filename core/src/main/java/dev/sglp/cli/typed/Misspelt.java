package dev.sglp.cli.typed;

import dev.sglp.fault.Near;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/// Finds the mistake behind a mistake: a misspelt flag makes another one missing, and its value a stray word.
public final class Misspelt {
    private static final int MOST = 4;
    private static final Pattern FLAG = Pattern.compile("--?[A-Za-z][^=]*");

    private Misspelt() {}

    /// What to tell the user: of the misspelt flags alone where there are some.
    public static ParameterException in(ParameterException failed, String... args) {
        var line = failed.getCommandLine();
        var flags = switch (failed) {
            case MissingParameterException _ -> unknown(line, Stream.of(args));
            case UnmatchedArgumentException unmatched -> unknown(line, unmatched.getUnmatched().stream());
            default -> List.<String>of();
        };
        if (!flags.isEmpty()) {
            return new UnmatchedArgumentException(line, flags);
        }
        return failed instanceof UnmatchedArgumentException unmatched && !line.getSubcommands().isEmpty()
                ? new ParameterException(line,
                        "'%s' is no command of %s".formatted(unmatched.getUnmatched().getFirst(),
                                line.getCommandSpec().qualifiedName()),
                        failed, null, unmatched.getUnmatched().getFirst())
                : failed;
    }

    /// The command's flags that may have been meant, the nearest first: they begin so, or at most a third of the letters differ.
    public static List<String> near(ParameterException failed) {
        if (!(failed instanceof UnmatchedArgumentException unmatched)) {
            return List.of();
        }
        var word = name(unmatched.getUnmatched().getFirst());
        return failed.getCommandLine().getCommandSpec().optionsMap().keySet().stream()
                .filter(flag -> flag.startsWith("--")
                        && (word.length() > 3 && flag.startsWith(word) || 3 * Near.edits(word, flag) <= flag.length()))
                .sorted(Comparator.comparingInt(flag -> Near.edits(word, flag))).limit(MOST).toList();
    }

    private static String name(String word) {
        return word.contains("=") ? word.substring(0, word.indexOf('=')) : word;
    }

    /// A short flag may have its value attached: `-k3`.
    private static boolean known(CommandLine line, String word) {
        var all = line.getCommandSpec().optionsMap();
        return all.containsKey(word) || !word.startsWith("--") && all.containsKey(word.substring(0, 2));
    }

    private static List<String> unknown(CommandLine line, Stream<String> words) {
        return words.map(Misspelt::name)
                .filter(word -> FLAG.matcher(word).matches())
                .filter(word -> !known(line, word)).distinct().toList();
    }
}
