package dev.sglp.cli;

import dev.sglp.fault.InputException;
import dev.sglp.fault.UsageException;
import dev.sglp.output.OutputException;
import dev.sglp.output.Reason;
import dev.sglp.report.Human;
import dev.sglp.fault.MemoryShortage;
import dev.sglp.training.TrainingDiverged;
import dev.sglp.training.TrainingStopped;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.stream.Collectors;
import picocli.CommandLine;

/// What the user is told of what was thrown, and the exit code: by its type, which says whose fault it is.
record Failure(String message, int code) {
    static final int FAILED = 1;
    static final int USAGE = 2;
    static final int BAD_INPUT = 3;
    static final int INTERNAL = 4;
    static final int INTERRUPTED = 130;
    private static final List<String> HUNGRY = List.of("--batch-size", "--samples", "--threads");

    /// @param command the one that ran
    static Failure of(Throwable thrown, CommandLine command) {
        return switch (thrown) {
            case TrainingStopped e -> new Failure(e.getMessage(), INTERRUPTED);
            case Throwable e when MemoryShortage.is(e) -> new Failure(shortage(e, command), FAILED);
            case IOException e when e.getCause() instanceof OutOfMemoryError full -> of(full, command); // a file is mapped
            case OutputException e -> new Failure(e.getMessage(), FAILED);
            case FileSystemException e when e.getFile() != null -> new Failure(words(e), BAD_INPUT);
            case IOException e -> new Failure(e.getMessage() == null ? e.toString() : e.getMessage(), BAD_INPUT);
            case UncheckedIOException e -> of(e.getCause(), command);
            case UsageException e -> new Failure(e.getMessage(), USAGE);
            case InputException e -> new Failure(e.getMessage(), BAD_INPUT);
            case TrainingDiverged e -> new Failure(e.getMessage(), FAILED);
            case OutOfMemoryError e -> new Failure(
                    "Java's heap is full (%s). SGLP_JAVA_OPTS=-Xmx8g raises its limit".formatted(e.getMessage()),
                    FAILED);
            case LinkageError e -> new Failure(
                    "libtorch cannot be loaded: %s. Maybe ~/.javacpp is read-only or full, or there is no build for this platform"
                            .formatted(e),
                    FAILED);
            default -> new Failure("internal error: %s%s".formatted(firstLines(thrown),
                    CommonOptions.of(command).debug()
                            ? ""
                            : ". Please run it again with --debug and report what it prints"),
                    INTERNAL);
        };
    }

    private static String shortage(Throwable thrown, CommandLine command) {
        var asked = MemoryShortage.bytes(thrown);
        var known = command.getCommandSpec().optionsMap().keySet();
        var hungry = HUNGRY.stream().filter(known::contains).collect(Collectors.joining(" or "));
        return "too little memory%s%s".formatted(
                asked.isPresent() ? ": %s more were asked for".formatted(Human.bytes(asked.getAsLong())) : "",
                hungry.isEmpty() ? "" : ". Lower " + hungry);
    }

    /// Without the frames of C++ that libtorch adds to its messages.
    private static String firstLines(Throwable thrown) {
        return thrown.toString().split("Exception raised from|frame #0", 2)[0].strip().replaceAll("\\s*\n\\s*", " ");
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
}
