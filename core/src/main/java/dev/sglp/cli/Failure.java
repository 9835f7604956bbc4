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
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine;

/// What the user is told of what was thrown, and the exit code: by its type, which says whose fault it is.
record Failure(String message, int code) {
    static final int FAILED = 1;
    static final int USAGE = 2;
    static final int BAD_INPUT = 3;
    static final int INTERNAL = 4;
    static final int INTERRUPTED = 130;
    private static final String NATIVE = "org.bytedeco.";
    private static final Pattern CLASS = Pattern.compile("[\\w$./]+");
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
            case LinkageError e -> unlinked(e, command);
            default -> new Failure("internal error: %s%s".formatted(firstLines(thrown),
                    CommonOptions.of(command).debug()
                            ? ""
                            : ". Please run it again with --debug and report what it prints"),
                    INTERNAL);
        };
    }

    /// By what is behind it: a static initialiser hides what it threw.
    private static Failure unlinked(LinkageError thrown, CommandLine command) {
        var chain = Stream.iterate((Throwable) thrown, Objects::nonNull, Throwable::getCause).toList();
        var cause = chain.getLast();
        var missing = missing(cause);
        if (missing.isPresent() && !missing.get().startsWith(NATIVE)) {
            return new Failure(
                    "the class %s is not there. Maybe a jar of the class path is missing: ./sglp builds anew where core/target is removed"
                            .formatted(missing.get()),
                    FAILED);
        }
        if (chain.stream().anyMatch(Failure::ofLibtorch)) {
            return new Failure(
                    "libtorch cannot be loaded: %s. Maybe ~/.javacpp is read-only or full, or there is no build for this platform"
                            .formatted(cause),
                    FAILED);
        }
        return cause instanceof LinkageError
                ? new Failure("a part of the program cannot be loaded: " + cause, FAILED)
                : of(cause, command);
    }

    /// The class that was not found, by its name.
    private static Optional<String> missing(Throwable cause) {
        var name = cause.getMessage();
        return (cause instanceof NoClassDefFoundError || cause instanceof ClassNotFoundException) && name != null
                && CLASS.matcher(name).matches() ? Optional.of(name.replace('/', '.')) : Optional.empty();
    }

    private static boolean ofLibtorch(Throwable thrown) {
        return String.valueOf(thrown.getMessage()).replace('/', '.').contains(NATIVE)
                || Stream.of(thrown.getStackTrace()).anyMatch(frame -> frame.getClassName().startsWith(NATIVE));
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
