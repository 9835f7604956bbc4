package dev.sglp.cli.completion;

import dev.sglp.cli.help.HelpLayout;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// The script that teaches a shell this command line.
@Command(name = "generate-completion", modelTransformer = HelpLayout.class, description = "Prints a script for bash and zsh that completes commands, flags, their values and files.", footer = {
        "", "Examples:", "  source <(./sglp generate-completion)",
        "  ./sglp generate-completion > ~/.local/share/bash-completion/completions/sglp"})
public final class CompletionCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(names = {"-h", "--help"}, usageHelp = true, description = "this text")
    private boolean help;

    @SuppressWarnings("NullAway") // picocli fills the fields
    public CompletionCommand() {}

    @Override
    public Integer call() throws IOException {
        try (var template = Objects.requireNonNull(CompletionCommand.class.getResourceAsStream("sglp.sh"))) {
            var text = new String(template.readAllBytes(), StandardCharsets.UTF_8);
            spec.commandLine().getOut().print(new CompletionTables(spec.root()).filledInto(text));
        }
        spec.commandLine().getOut().flush();
        return 0;
    }
}
