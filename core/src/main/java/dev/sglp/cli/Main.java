package dev.sglp.cli;

import dev.sglp.Version;
import dev.sglp.cli.completion.CompletionCommand;
import dev.sglp.cli.study.StudyCommand;
import dev.sglp.cli.terminal.Ink;
import dev.sglp.cli.terminal.Ink.Paper;
import dev.sglp.cli.terminal.Terminal;
import dev.sglp.cli.text.ConvertCommand;
import dev.sglp.cli.tuning.FinetuneCommand;
import dev.sglp.cli.tuning.Interruption;
import dev.sglp.cli.typed.Arguments;
import dev.sglp.cli.typed.Misspelt;
import dev.sglp.cli.typed.StandardOutput;
import dev.sglp.cli.typed.Values;
import dev.sglp.output.OutputException;
import dev.sglp.output.Reason;
import dev.sglp.training.TrainingStopped;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
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
        ApplyCommand.class, FinetuneCommand.class, StudyCommand.class, ConvertCommand.class,
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
    static final int FAILED = 1;
    static final int USAGE = 2;
    static final int BAD_INPUT = 3;
    static final int INTERNAL = 4;
    static final int INTERRUPTED = 130;

    @Spec
    private CommandSpec spec;

    @SuppressWarnings("NullAway") // picocli fills the fields
    public Main() {}

    public static void main(String[] args) {
        Interruption.ofProcess().watch();
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
                ? say(err, "standard output cannot be written: " + stdout.failure().get(), FAILED)
                : code;
    }

    /// The same, writing elsewhere.
    public static int run(PrintWriter out, PrintWriter err, String... args) {
        Arguments.remember(args);
        Locale.setDefault(Locale.Category.FORMAT, Locale.ROOT); // numbers look alike in every line, and on every machine
        try {
            return execute(out, err, args);
        } catch (OutOfMemoryError e) {
            return say(err,
                    "Java's heap is full (%s). SGLP_JAVA_OPTS=-Xmx8g raises its limit".formatted(e.getMessage()),
                    FAILED);
        } catch (LinkageError e) {
            return say(err,
                    "libtorch cannot be loaded: %s. Maybe ~/.javacpp is read-only or full, or there is no build for this platform"
                            .formatted(e),
                    FAILED);
        } catch (Error e) {
            return say(err, "internal error: " + e, INTERNAL);
        }
    }

    private static int execute(PrintWriter out, PrintWriter err, String... args) {
        return Values.readBy(new CommandLine(new Main())).setOut(out).setErr(err)
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
        return USAGE;
    }

    private static int failed(Exception e, CommandLine command, ParseResult parsed) {
        var err = command.getErr();
        boolean debug = CommonOptions.of(command).debug();
        if (debug) {
            e.printStackTrace(err);
        }
        return switch (e) {
            case TrainingStopped _ -> say(err, e.getMessage(), INTERRUPTED);
            case OutputException _ -> say(err, e.getMessage(), FAILED);
            case FileSystemException file when file.getFile() != null -> say(err, words(file), BAD_INPUT);
            case IOException _ -> say(err, e.getMessage() == null ? e.toString() : e.getMessage(), BAD_INPUT);
            case UncheckedIOException wrapped -> failed(wrapped.getCause(), command, parsed);
            case IllegalArgumentException _ -> say(err, e.getMessage(), USAGE);
            default -> say(err, "internal error: %s%s".formatted(e,
                    debug ? "" : ". Please run it again with --debug and report what it prints"), INTERNAL);
        };
    }

    /// The JDK names the file alone.
    private static String words(FileSystemException e) {
        return switch (e) {
            case NoSuchFileException _ ->
                "[%s] does not exist. Maybe the path is misspelt, or relative to another directory"
                        .formatted(e.getFile());
            case AccessDeniedException _ ->
                "[%s] may not be opened. Maybe its permissions forbid it".formatted(e.getFile());
            default -> Reason.of(e);
        };
    }

    private static int say(PrintWriter err, String message, int code) {
        err.println(sign() + message);
        return code;
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
