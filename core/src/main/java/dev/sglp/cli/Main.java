package dev.sglp.cli;

import dev.sglp.Version;
import dev.sglp.cli.completion.CompletionCommand;
import dev.sglp.cli.generation.GenerateCommand;
import dev.sglp.cli.generation.SelfdataCommand;
import dev.sglp.cli.study.StudyCommand;
import dev.sglp.cli.terminal.Ink;
import dev.sglp.cli.terminal.Ink.Paper;
import dev.sglp.cli.terminal.Terminal;
import dev.sglp.cli.text.ConvertCommand;
import dev.sglp.cli.transfer.ResetClassifierCommand;
import dev.sglp.cli.tuning.FinetuneCommand;
import dev.sglp.cli.tuning.Interruption;
import dev.sglp.cli.typed.Arguments;
import dev.sglp.cli.typed.Misspelt;
import dev.sglp.cli.typed.StandardOutput;
import dev.sglp.cli.typed.Values;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.regex.Pattern;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;

/// The command line. Nothing else prints errors or exits.
@Command(name = "sglp", description = "Makes deep networks shallower: finds the layers a trained network does not need, removes them, and proves what was lost and won.", mixinStandardHelpOptions = true, versionProvider = Main.VersionProvider.class, subcommands = {
        DemoCommand.class, InspectCommand.class, EvaluateCommand.class, AnalyzeCommand.class, PruneCommand.class,
        ApplyCommand.class, RepairCommand.class, FinetuneCommand.class, ResetClassifierCommand.class,
        StudyCommand.class,
        ConvertCommand.class,
        GenerateCommand.class,
        SelfdataCommand.class,
        CommandLine.HelpCommand.class, CompletionCommand.class}, footer = {"",
                "Examples:",
                "  sglp demo                    # the whole method, nothing needed",
                "  sglp inspect resnet56.th     # what the file holds",
                "  sglp prune resnet56.th --data images:cifar10.zip --remove 6 \\",
                "      --heal bn --out run/", "",
                "Exit codes: 0 done, 1 failed, 2 wrong arguments, 3 bad input,",
                "4 internal error, 130 interrupted.",
                "sglp COMMAND --help explains a command, with examples."})
public final class Main implements Runnable {
    private static final Pattern NAMES = Pattern.compile("expected one of \\[(.*)] \\(case-insensitive\\) but was");

    @Spec
    private CommandSpec spec;

    @SuppressWarnings("NullAway") // picocli fills the fields
    public Main() {}

    public static void main(String[] args) {
        Interruption.ofProcess().watch(new PrintWriter(System.err, true));
        int code = run(args);
        Interruption.ofProcess().finish();
        System.exit(code);
    }

    /// Runs one command.
    ///
    /// @return its exit code
    public static int run(String... args) {
        var stdout = new StandardOutput();
        var out = new PrintWriter(stdout, true, System.out.charset());
        var err = new PrintWriter(System.err, true);
        int code = run(out, err, args);
        out.flush();
        return code == 0 && stdout.failure().isPresent()
                ? say(err, new Failure("standard output cannot be written: " + stdout.failure().get(), Failure.FAILED))
                : code;
    }

    /// The same, writing elsewhere.
    public static int run(PrintWriter out, PrintWriter err, String... args) {
        Arguments.remember(args);
        Locale.setDefault(Locale.Category.FORMAT, Locale.ROOT); // numbers look alike in every line, and on every machine
        var main = new CommandLine(new Main());
        try {
            return execute(main, out, err, args);
        } catch (Error e) { // picocli hands on exceptions alone
            return say(err, Failure.of(e, running(main)));
        }
    }

    /// The command that was named.
    private static CommandLine running(CommandLine main) {
        var parsed = main.getParseResult();
        return parsed == null ? main : parsed.asCommandLineList().getLast();
    }

    private static int execute(CommandLine main, PrintWriter out, PrintWriter err, String... args) {
        return Values.readBy(main).setOut(out).setErr(err)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setUsageHelpWidth(Terminal.textColumns()).setColorScheme(Help.defaultColorScheme(
                        Paper.OUT.takesInk() ? Help.Ansi.ON : Help.Ansi.OFF))
                .setParameterExceptionHandler(Main::usage)
                .setExecutionExceptionHandler(Main::failed).execute(args);
    }

    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getErr());
        throw new ParameterException(spec.commandLine(), "no command was given");
    }

    private static int usage(ParameterException failed, String[] args) {
        var e = Misspelt.in(failed, args);
        var err = e.getCommandLine().getErr();
        err.println(sign() + NAMES.matcher(e.getMessage())
                .replaceAll(found -> "expected one of %s, got".formatted(found.group(1).toLowerCase(Locale.ROOT))));
        var near = Misspelt.near(e);
        if (!near.isEmpty()) {
            err.println("Perhaps meant: " + String.join(", ", near));
        }
        var commands = e.getCommandLine().getSubcommands().keySet();
        if (!commands.isEmpty()) {
            err.println("Known commands: " + String.join(", ", commands));
        }
        err.println("Maybe look at: " + e.getCommandLine().getCommandSpec().qualifiedName() + " --help");
        return Failure.USAGE;
    }

    private static int failed(Exception e, CommandLine command, ParseResult parsed) {
        if (CommonOptions.of(command).debug()) {
            e.printStackTrace(command.getErr());
        }
        return say(command.getErr(), Failure.of(e, command));
    }

    private static int say(PrintWriter err, Failure failure) {
        err.println(sign() + failure.message());
        return failure.code();
    }

    /// Who complains.
    private static String sign() {
        return (Arguments.quiet() ? "sglp:" : Ink.RED.on(Paper.ERR, "sglp:")) + " ";
    }

    /// Which sglp this is.
    static final class VersionProvider implements IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[]{"sglp " + Version.current()};
        }
    }
}
