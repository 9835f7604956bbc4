package dev.sglp.cli.completion;

import dev.sglp.cli.help.HelpLayout;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/// What the script has to know of the commands, as branches of a shell's `case`.
///
/// @param root the command line
record CompletionTables(CommandSpec root) {
    private static final String ANY = "@any";
    private static final String FILE = "@file";
    /// The kind of data that one command alone reads.
    private static final String TASKS = "task:";

    /// A command with the words that call it, for instance `study methods`.
    private record Called(String name, CommandSpec spec) {
        String quoted() {
            return "\"" + name + "\"";
        }

        List<OptionSpec> flags() {
            return HelpLayout.shown(spec);
        }
    }

    String filledInto(String template) {
        return template.replace("@COMMANDS@", cases(commands())).replace("@FLAGS@", cases(flags()))
                .replace("@VALUES@", cases(values()));
    }

    private static Stream<Called> below(String name, CommandSpec spec) {
        return Stream.concat(Stream.of(new Called(name, spec)), spec.subcommands().entrySet().stream()
                .flatMap(e -> below((name + " " + e.getKey()).strip(), e.getValue().getCommandSpec())));
    }

    private Map<String, String> commands() {
        var table = new LinkedHashMap<String, String>();
        below("", root).forEach(c -> {
            var commands = c.spec.helpCommand() ? root.subcommands() : c.spec.subcommands();
            if (!commands.isEmpty()) {
                table.put(c.quoted(), String.join(" ", commands.keySet()));
            }
        });
        return table;
    }

    private Map<String, String> flags() {
        var table = new LinkedHashMap<String, String>();
        below("", root).forEach(c -> table.put(c.quoted(),
                c.flags().stream().map(OptionSpec::longestName).collect(Collectors.joining(" "))));
        return table;
    }

    /// By command and flag, or by flag alone where it takes the same everywhere; switches take nothing.
    private Map<String, String> values() {
        var byFlag = new TreeMap<String, Map<String, String>>();
        below("", root).forEach(c -> c.flags().stream().filter(flag -> flag.arity().max() > 0)
                .forEach(flag -> Stream.of(flag.names()).forEach(name -> byFlag
                        .computeIfAbsent(name, _ -> new TreeMap<>()).put(c.name, values(c, flag)))));
        var table = new TreeMap<String, String>();
        byFlag.forEach((flag, words) -> {
            if (words.values().stream().distinct().count() == 1) {
                table.put("*\" %s\"".formatted(flag), words.values().iterator().next());
            } else {
                words.forEach((command, own) -> table.put("\"%s %s\"".formatted(command, flag), own));
            }
        });
        return table;
    }

    private static String values(Called command, OptionSpec flag) {
        if (flag.completionCandidates() == null) {
            return flag.type() == Path.class ? FILE : ANY;
        }
        boolean asks = command.name.equals("evaluate");
        return StreamSupport.stream(flag.completionCandidates().spliterator(), false)
                .map(word -> word.toLowerCase(Locale.ROOT)).filter(word -> asks || !word.startsWith(TASKS))
                .collect(Collectors.joining(" "));
    }

    /// One branch for all patterns that have the same words.
    private static String cases(Map<String, String> table) {
        var keys = new LinkedHashMap<String, String>();
        table.forEach((key, words) -> keys.merge(words, key, (a, b) -> a + " | " + b));
        return keys.entrySet().stream()
                .map(e -> "        %s) echo \"%s\" ;;".formatted(e.getValue(), e.getKey()))
                .collect(Collectors.joining("\n"));
    }
}
