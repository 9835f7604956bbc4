package dev.sglp.cli;

import dev.sglp.cli.completion.Known;
import dev.sglp.cli.help.HelpLayout;
import dev.sglp.cli.terminal.Ink;
import dev.sglp.cli.terminal.Ink.Paper;
import dev.sglp.cli.typed.Given;
import dev.sglp.cli.typed.JsonTarget;
import dev.sglp.fault.UsageException;
import dev.sglp.output.AtomicFile;
import dev.sglp.output.ByteOrderMark;
import dev.sglp.progress.Progress;
import dev.sglp.report.Json;
import dev.sglp.tensor.Device;
import dev.sglp.tensor.Threads;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// Flags that every command has.
public final class CommonOptions {
    private static final String DEVICE = "--device";
    private static final Pattern READ_BY_OTHERS = Pattern
            .compile("(plan|(\\w+_)?config|tokenizer|special_tokens_map|.*\\.index)\\.json|.*\\.jsonl");

    @Spec(Spec.Target.MIXEE)
    private CommandSpec mixee;

    @Option(names = "--json", paramLabel = "FILE", description = "write everything the command found as one JSON record; -: to standard output, and the rest to standard error")
    private @Nullable Path json;

    @Option(names = "--threads", paramLabel = "N", description = "threads to compute and decode with (default: all cores)")
    private int threads = Runtime.getRuntime().availableProcessors();

    @Option(names = DEVICE, paramLabel = "D", completionCandidates = Known.Devices.class, description = "where networks compute: cpu, cuda or cuda:N, the N-th card (README, Cards; default: ${DEFAULT-VALUE})")
    private String device = "cpu";

    @Option(names = "--seed", paramLabel = "S", description = "of everything random (default: ${DEFAULT-VALUE})")
    private long seed = 0;

    @Option(names = "--quiet", description = "no progress, only the result")
    private boolean quiet;

    @Option(names = "--debug", description = "print stack traces")
    private boolean debug;

    @Option(names = {"-h", "--help"}, usageHelp = true, description = "this text")
    private boolean help;

    @SuppressWarnings("NullAway") // picocli fills the fields
    public CommonOptions() {}

    /// The common options of the command that runs, or their defaults where it did not get so far.
    static CommonOptions of(CommandLine command) {
        var mixin = command.getCommandSpec().mixins().get("common");
        return mixin != null && mixin.userObject() instanceof CommonOptions options ? options : new CommonOptions();
    }

    boolean debug() {
        return debug;
    }

    public int threads() {
        if (threads < 1) {
            throw new UsageException("--threads is at least 1, got " + threads);
        }
        int most = Math.max(256, 4 * Runtime.getRuntime().availableProcessors());
        if (threads > most) {
            throw new UsageException(
                    "--threads is at most %d on this machine, got %d".formatted(most, threads));
        }
        return threads;
    }

    public Device device() {
        return Device.parse(device);
    }

    public long seed() {
        return seed;
    }

    /// Which flags the user typed.
    public Given given() {
        return new Given(mixee, note -> {
            if (!quiet) {
                mixee.commandLine().getErr().println(note);
            }
        });
    }

    /// Where results are told; not among the JSON record.
    public PrintWriter out() {
        var line = mixee.commandLine();
        return json != null && JsonTarget.of(json) == JsonTarget.STANDARD_OUTPUT ? line.getErr() : line.getOut();
    }

    /// A warning as it is told on {@link #out}.
    public String warning(String what) {
        var paper = out() == mixee.commandLine().getOut() ? Paper.OUT : Paper.ERR;
        return (quiet ? "warning:" : Ink.YELLOW.on(paper, "warning:")) + " " + what;
    }

    /// Checks the flags; the first use of libtorch comes after it.
    void check() {
        threads();
        var command = mixee.commandLine().getCommandSpec();
        if (HelpLayout.shown(command).stream().noneMatch(o -> o.longestName().equals(DEVICE))) {
            given().refuse("plays no part in %s, which computes on the processor".formatted(command.name()), DEVICE);
        }
        device().use();
        if (json != null) {
            checkRecord(json);
        }
    }

    /// Nothing but a record of before is replaced.
    private static void checkRecord(Path json) {
        if (Files.isDirectory(json)) {
            throw new UsageException("--json %s is a directory, expected a file".formatted(json));
        }
        if (READ_BY_OTHERS.matcher(json.getFileName().toString()).matches()) {
            throw new UsageException(
                    "--json %s: commands read a file of this name for what it is. Choose another name"
                            .formatted(json));
        }
        if (JsonTarget.of(json) != JsonTarget.FILE) {
            return;
        }
        try {
            if (Files.isRegularFile(json) && !isJson(json)) {
                throw new UsageException(
                        "--json %s is there and holds something other than JSON: it is not overwritten. Choose another name"
                                .formatted(json));
            }
            AtomicFile.checkWritable(JsonTarget.end(json).getParent(), "--json");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// By its first character; an empty file is nothing to lose.
    private static boolean isJson(Path file) throws IOException {
        try (var in = Files.newInputStream(file)) {
            byte[] head = in.readNBytes(8);
            int mark = ByteOrderMark.length(head);
            return head.length == mark || "{[".indexOf(head[mark]) >= 0;
        }
    }

    /// Says what begins, loads libtorch, and tells it how many threads it has.
    public Progress start(String what) {
        var progress = quiet ? Progress.silent() : new TerminalProgress(mixee.commandLine().getErr());
        check();
        progress.say(what);
        Threads.use(threads());
        return progress;
    }

    public void writeJson(Object record) throws IOException {
        if (json == null) {
            return;
        }
        switch (JsonTarget.of(json)) {
            case STANDARD_OUTPUT -> mixee.commandLine().getOut().println(Json.pretty(record).stripTrailing());
            case STREAM -> JsonTarget.stream(json, Json.pretty(record));
            case FILE -> {
                checkRecord(json); // the command itself may have written a file of this name
                write(JsonTarget.end(json), Json.pretty(record));
            }
        }
    }

    /// A result: whole or not at all.
    ///
    /// @throws dev.sglp.output.OutputException where it cannot be written
    public static void write(Path file, String text) throws IOException {
        AtomicFile.write(file, text.getBytes(StandardCharsets.UTF_8));
    }
}
