package dev.sglp.cli.typed;

import dev.sglp.output.OutputException;
import dev.sglp.output.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// Where a JSON record goes.
public enum JsonTarget {
    /// `-`, `/dev/stdout` or what leads there.
    STANDARD_OUTPUT,
    /// A device, a pipe, or another file that is open already: written to, not replaced.
    STREAM,
    /// Replaced as a whole.
    FILE;

    private static final int MOST_LINKS = 40;

    public static JsonTarget of(Path json) {
        if (json.toString().equals("-")) {
            return STANDARD_OUTPUT;
        }
        var end = end(json);
        if (isOpen(end)) {
            return end.endsWith("fd/1") ? STANDARD_OUTPUT : STREAM;
        }
        return Files.exists(json) && !Files.isRegularFile(json) && !Files.isDirectory(json) ? STREAM : FILE;
    }

    /// Where links lead, one after the other, up to a file that a process has open: behind `/dev/stdout` may lie a regular file. What
    /// lies there need not exist.
    public static Path end(Path json) {
        var path = json.toAbsolutePath().normalize();
        for (int i = 0; i < MOST_LINKS && !isOpen(path) && Files.isSymbolicLink(path); i++) {
            try {
                path = path.resolveSibling(Files.readSymbolicLink(path)).normalize();
            } catch (IOException _) {
                break; // whoever writes there will say why
            }
        }
        return path;
    }

    private static boolean isOpen(Path path) {
        return path.startsWith("/proc") || path.startsWith("/dev/fd");
    }

    /// @throws OutputException where it takes no more
    public static void stream(Path json, String text) throws OutputException {
        try {
            Files.writeString(json, text, StandardOpenOption.WRITE);
        } catch (IOException e) {
            throw new OutputException("[%s] cannot be written: %s".formatted(json, Reason.of(e)), e);
        }
    }
}
